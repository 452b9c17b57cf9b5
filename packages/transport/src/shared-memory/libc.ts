import { EnvironmentError } from "@tsmpi/protocol";

/** What shared memory needs of the C library, without a compiler: koffi calls it. */
export interface Libc {
  /** A file that lives in memory and has no name: gone with the last process that has it. @throws with errno's name */
  createMemoryFile(name: string): number;
  /** From now on nobody can change the length of the file, or lift this. */
  seal(fd: number): void;
  /** Puts `bytes` of the file over the pages at `address`, shared with whoever does the same. */
  mapOver(address: number, bytes: number, fd: number): void;
  /** Puts the shared pages at `source` over those at `address` as well: both are the same memory from now on. @returns false: not done */
  mapAgain(address: number, source: number, bytes: number): boolean;
  addressOf(memory: ArrayBufferLike): number;
  /** Blocks while the word at `address` holds `value` and nobody wakes it, at most `timeoutMs`. In any process. */
  futexWait(address: number, value: number, timeoutMs: number): void;
  /** Wakes all who wait at `address`, in any process. */
  futexWake(address: number): void;
  /** Lets another thread have the core. */
  yieldCore(): void;
  /** Copies between memory of JavaScript and memory at an address. */
  copyTo(address: number, source: Uint8Array): void;
  copyFrom(target: Uint8Array, address: number): void;
}

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_NOEXEC_SEAL = 8;
const F_ADD_SEALS = 1033;
const F_SEAL_SEAL = 1;
const F_SEAL_SHRINK = 2;
const F_SEAL_GROW = 4;
const PROT_READ_WRITE = 3;
const MAP_SHARED_FIXED = 0x11;
const MREMAP_MAYMOVE_FIXED = 3;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const EVERYBODY = 0x7fffffff;

/** Number of the system call `futex`, which the C library has no function for. */
const FUTEX: Readonly<Record<string, number>> = { x64: 202, arm64: 98 };

let loaded: Libc | undefined;

/** @throws {EnvironmentError} there is no shared memory on this platform, or koffi does not load: says what to do */
export const loadLibc = (): Libc => (loaded ??= load());

function load(): Libc {
  const futex = FUTEX[process.arch];
  if (process.platform !== "linux" || futex === undefined)
    throw new EnvironmentError(
      `shared memory works on Linux, x64 and arm64, not on ${process.platform} ${process.arch}`,
    );
  const koffi = loadKoffi();
  const libc = koffi.load("libc.so.6");
  const timespec = koffi.struct({ seconds: "int64_t", nanoseconds: "int64_t" });
  const call = {
    memfdCreate: libc.func(
      "int memfd_create(const char *name, uint32_t flags)",
    ),
    fcntl: libc.func("int fcntl(int fd, int command, int argument)"),
    mmap: libc.func(
      "intptr_t mmap(uintptr_t address, size_t bytes, int protection, int flags, int fd, long offset)",
    ),
    mremap: libc.func(
      "intptr_t mremap(uintptr_t source, size_t before, size_t bytes, int flags, uintptr_t address)",
    ),
    addressOf: libc.func(
      "uintptr_t memcpy(void *to, const void *from, size_t bytes)",
    ),
    copyTo: libc.func(
      "uintptr_t memcpy(uintptr_t to, const void *from, size_t bytes)",
    ),
    copyFrom: libc.func(
      "uintptr_t memcpy(void *to, uintptr_t from, size_t bytes)",
    ),
    futex: libc.func("syscall", "long", [
      "long",
      "uintptr_t",
      "int",
      "uint32_t",
      koffi.pointer(timespec),
      "uintptr_t",
      "int",
    ]),
    yieldCore: libc.func("int sched_yield()"),
  };
  const fail = (what: string): never => {
    const number = koffi.errno();
    const name = Object.entries(koffi.os.errno).find(
      ([, errno]) => errno === number,
    )?.[0];
    throw new EnvironmentError(`${what} failed: ${name ?? `errno ${number}`}`);
  };
  return {
    createMemoryFile(name) {
      const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
      // Kernels before 6.3 do not know that it will never be executed.
      let fd = call.memfdCreate(name, flags | MFD_NOEXEC_SEAL) as number;
      if (fd < 0) fd = call.memfdCreate(name, flags) as number;
      return fd < 0 ? fail("memfd_create") : fd;
    },
    seal(fd) {
      const seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
      if ((call.fcntl(fd, F_ADD_SEALS, seals) as number) < 0) fail("sealing");
    },
    mapOver(address, bytes, fd) {
      const mapped = call.mmap(
        ...[address, bytes, PROT_READ_WRITE, MAP_SHARED_FIXED, fd, 0],
      ) as number;
      if (mapped === -1) fail(`mapping ${bytes} bytes`);
    },
    mapAgain(address, source, bytes) {
      // Of shared memory no bytes are moved, but mapped a second time.
      const mapped = call.mremap(
        ...[source, 0, bytes, MREMAP_MAYMOVE_FIXED, address],
      ) as number;
      return mapped !== -1;
    },
    addressOf(memory) {
      const view = new Uint8Array(memory);
      return Number(call.addressOf(view, view, 0));
    },
    futexWait(address, value, timeoutMs) {
      const nanoseconds = Math.round(timeoutMs * 1e6);
      call.futex(
        ...[futex, address, FUTEX_WAIT, value >>> 0],
        {
          seconds: Math.floor(nanoseconds / 1e9),
          nanoseconds: nanoseconds % 1e9,
        },
        ...[0, 0],
      );
    },
    futexWake(address) {
      call.futex(futex, address, FUTEX_WAKE, EVERYBODY, null, 0, 0);
    },
    yieldCore: () => void call.yieldCore(),
    copyTo: (address, source) =>
      void call.copyTo(address, source, source.byteLength),
    copyFrom: (target, address) =>
      void call.copyFrom(target, address, target.byteLength),
  };
}

/** What is used of koffi, whose own types are an ES module's. */
interface Koffi {
  load(library: string): {
    func(declaration: string): NativeFunction;
    func(
      name: string,
      result: string,
      parameters: readonly unknown[],
    ): NativeFunction;
  };
  struct(fields: Readonly<Record<string, string>>): unknown;
  pointer(type: unknown): unknown;
  errno(): number;
  readonly os: { readonly errno: Readonly<Record<string, number>> };
}
type NativeFunction = (...values: readonly unknown[]) => unknown;

function loadKoffi(): Koffi {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a rank starts without an await
    return require("koffi") as Koffi;
  } catch (cause) {
    throw new EnvironmentError(
      `koffi, which maps shared memory, does not load for ${process.platform} ${process.arch} (${(cause as Error).message.split("\n")[0]}); install without --omit=optional, or use --transport ipc`,
      { cause },
    );
  }
}
