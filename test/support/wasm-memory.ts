/** TypeScript has it in its library for browsers only. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (descriptor: {
      initial: number;
      maximum: number;
      shared: true;
    }) => { readonly buffer: SharedArrayBuffer };
  };
};

const PAGE_BYTES = 65_536;

/** A shared memory of at least so many bytes, in which kernels can work. */
export function wasmMemory(bytes: number): {
  readonly buffer: SharedArrayBuffer;
} {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new wasm.Memory({ initial: pages, maximum: pages, shared: true });
}
