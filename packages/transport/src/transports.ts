import { EnvironmentError, registeredName } from "@tsmpi/protocol";
import type { Transport } from "./transport";

/** Every transport; a new one is a new file and one line here. Loaded on use: ZeroMQ is a native library. */
const TRANSPORTS = {
  tcp: async () => (await import("./zmq.js")).tcp,
  ipc: async () => (await import("./zmq.js")).ipc,
  inproc: async () => (await import("./inproc.js")).inproc,
} satisfies Readonly<Record<string, () => Promise<Transport>>>;

export type TransportName = keyof typeof TRANSPORTS;

const REGISTERED = Object.keys(TRANSPORTS) as readonly TransportName[];

/** What `--transport` takes. `shm`: collectives in shared memory, messages as with `auto`. */
export const TRANSPORT_NAMES: readonly (TransportName | "auto" | "shm")[] = [
  "auto",
  "shm",
  ...REGISTERED,
];

/**
 * The transport of a job, by how many ranks it has and how many of them run on this host. `auto` is `tcp` between hosts; on one,
 * `ipc` where abstract sockets exist (Linux): no port is opened and no file is left; else `tcp` over loopback. A world of one needs
 * no network, whatever is wanted: `inproc`.
 *
 * @throws {UnknownNameError} lists the names there are
 * @throws {EnvironmentError} this one does not reach other processes
 */
export function chooseTransport(
  wanted: string,
  { size, localSize }: { readonly size: number; readonly localSize: number },
): TransportName {
  const isOneHost = localSize === size;
  if (wanted === "auto" || wanted === "shm")
    return size === 1
      ? "inproc"
      : isOneHost && process.platform === "linux"
        ? "ipc"
        : "tcp";
  const name = registeredName("transport", wanted, REGISTERED);
  if (size === 1) return "inproc";
  if (name === "inproc")
    throw new EnvironmentError(
      "transport inproc reaches the ranks of one process only; use ipc or tcp",
    );
  if (name === "ipc" && !isOneHost)
    throw new EnvironmentError(
      `transport ipc reaches the ranks of one host, and ${localSize} of ${size} run on this one; use tcp`,
    );
  return name;
}

export const loadTransport = (name: TransportName): Promise<Transport> =>
  TRANSPORTS[name]();
