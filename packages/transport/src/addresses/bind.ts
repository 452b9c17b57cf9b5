import { type PortRange, RendezvousError } from "@tsmpi/protocol";
import type { Socket } from "zeromq";
import { parseTcp, tcpEndpoint } from "./endpoint";

/**
 * The ports to try, in order: 0, which lets the system choose, or all of a range. Ranks of a host begin at different ones, so
 * that few are tried twice.
 *
 * @param start 0 for the coordinator, 1 + local rank for a rank
 */
export function portsOf(range: PortRange | null, start: number): number[] {
  if (range === null) return [0];
  const [from, to] = range;
  const count = to - from + 1;
  return Array.from({ length: count }, (_, i) => from + ((start + i) % count));
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
  ports: readonly number[],
): Promise<number> {
  for (const port of ports)
    try {
      await socket.bind(tcpEndpoint(address, port));
      return parseTcp(socket.lastEndpoint ?? "")?.port ?? port;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || ports.length === 1) throw error;
    }
  throw new RendezvousError(
    `no port of TSMPI_PORT_RANGE=${Math.min(...ports)}-${Math.max(...ports)} is free on ${address}: all ${ports.length} are in use; a host needs one for each of its ranks, and that of rank 0 one more for the coordinator: choose a wider range, or end what holds them`,
  );
}
