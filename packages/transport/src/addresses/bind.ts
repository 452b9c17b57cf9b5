import { type PortRange, RendezvousError } from "@tsmpi/protocol";
import type { Socket } from "zeromq";
import { parseTcp, tcpEndpoint } from "./endpoint";

/** Where a socket may listen. */
export interface Ports {
  /** Tried in this order; 0 lets the system choose. */
  readonly inOrder: readonly number[];
  /** TSMPI_PORT_RANGE, if they are from there. */
  readonly range: PortRange | null;
}

export const onePort = (port: number): Ports => ({
  inOrder: [port],
  range: null,
});

/**
 * Any port, or all of a range. Ranks of a host begin at different ones, so that few are tried twice.
 *
 * @param start 0 for the coordinator, 1 + local rank for a rank
 */
export function portsOf(range: PortRange | null, start: number): Ports {
  if (range === null) return onePort(0);
  const [from, to] = range;
  const count = to - from + 1;
  const inOrder = Array.from(
    { length: count },
    (_, i) => from + ((start + i) % count),
  );
  return { inOrder, range };
}

/**
 * Binds to the first port that is free.
 *
 * @returns that port
 * @throws {RendezvousError} all of a range are in use; what else ZeroMQ says, as it says it
 */
export async function bindTcp(
  socket: Socket,
  address: string,
  { inOrder, range }: Ports,
): Promise<number> {
  for (const port of inOrder)
    try {
      await socket.bind(tcpEndpoint(address, port));
      return parseTcp(socket.lastEndpoint ?? "")?.port ?? port;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || range === null) throw error;
    }
  throw new RendezvousError(
    `no port of TSMPI_PORT_RANGE=${range!.join("-")} is free on ${address}; a host needs one for each of its ranks, and that of rank 0 one more for the coordinator: choose a wider range, or end what holds them`,
  );
}
