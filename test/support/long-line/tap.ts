import { closeSync, constants, openSync } from "node:fs";

/** The hosts' end is an interface, ours a file: a read takes a frame that the host has sent, a write brings it one. */
export interface Tap {
  /** Of this process, never blocking. */
  readonly fd: number;
}

const CLONE_NEWNET = 0x4000_0000;
const TUNSETIFF = 0x4004_54ca;
const IFF_TAP = 0x0002;
/** Frames alone, without a header of the driver's. It then sends whole checksums, and segments no longer than the MTU. */
const IFF_NO_PI = 0x1000;
const POLLIN = 1;
const POLLFD_BYTES = 8;

/** What is used of koffi, whose own types are an ES module's. */
interface Koffi {
  load(library: string): {
    func(definition: string): (...args: unknown[]) => unknown;
  };
  errno(): number;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
const koffi = require("koffi") as Koffi;
const libc = koffi.load("libc.so.6");
const setns = libc.func("int setns(int fd, int kind)");
const ioctl = libc.func("int ioctl(int fd, unsigned long request, void *what)");
const poll = libc.func("int poll(void *fds, unsigned long count, int ms)");
const read = libc.func("long read(int fd, void *frame, size_t bytes)");
const write = libc.func("long write(int fd, void *frame, size_t bytes)");

/** Makes an interface in a network namespace. It is gone with this process. Leaves this thread in that namespace. */
export function openTap(namespace: string, device: string): Tap {
  const place = openSync(`/run/netns/${namespace}`, "r");
  check(setns(place, CLONE_NEWNET) as number, `setns ${namespace}`);
  closeSync(place);
  const fd = openSync("/dev/net/tun", constants.O_RDWR | constants.O_NONBLOCK);
  const request = Buffer.alloc(40);
  request.write(device, "latin1");
  request.writeUInt16LE(IFF_TAP | IFF_NO_PI, 16);
  check(ioctl(fd, TUNSETIFF, request) as number, `TUNSETIFF ${device}`);
  return { fd };
}

function check(result: number, what: string): void {
  if (result < 0) throw new Error(`${what}: errno ${koffi.errno()}`);
}

/** @returns the frame's bytes; 0: there is none */
export const readFrame = ({ fd }: Tap, frame: Uint8Array): number =>
  Math.max(0, Number(read(fd, frame, frame.byteLength)));

/** A host whose interface is down gets nothing. */
export const writeFrame = ({ fd }: Tap, frame: Uint8Array): void =>
  void write(fd, frame, frame.byteLength);

/** Waits until something can be read. */
export class Poll {
  readonly #fds: Buffer;

  constructor(private readonly files: readonly number[]) {
    this.#fds = Buffer.alloc(files.length * POLLFD_BYTES);
    files.forEach((fd, i) => {
      this.#fds.writeInt32LE(fd, i * POLLFD_BYTES);
      this.#fds.writeInt16LE(POLLIN, i * POLLFD_BYTES + 4);
    });
  }

  /** @returns which, or whose other end is gone: indices of `files` */
  wait(ms: number): number[] {
    poll(this.#fds, this.files.length, ms);
    return this.files.flatMap((_, i) =>
      this.#fds.readInt16LE(i * POLLFD_BYTES + 6) === 0 ? [] : [i],
    );
  }
}
