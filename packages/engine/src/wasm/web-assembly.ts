export interface WebAssemblyMemory {
  /** Shared if the library has threads. */
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

export interface WebAssemblyInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** The part of WebAssembly's interface that is used here; TypeScript has it in its library for browsers only. */
interface WebAssemblyInterface {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => WebAssemblyInstance;
  readonly Memory: new (options: { initial: number }) => WebAssemblyMemory;
}

/** Undefined under `node --jitless`. */
export const { WebAssembly } = globalThis as {
  readonly WebAssembly?: WebAssemblyInterface;
};
