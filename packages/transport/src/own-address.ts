import { createSocket } from "node:dgram";
import { RendezvousError } from "@tsmpi/protocol";

/**
 * The address of this host by which it reaches another one: of the interface that the system would send through. Sends nothing.
 *
 * @param host a name or an address
 * @throws {RendezvousError} it does not resolve, or there is no way there
 */
export function ownAddress(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
    const fail = (cause: Error): void => {
      socket.close();
      reject(
        new RendezvousError(
          `this host has no way to MASTER_ADDR="${host}" (${(cause as NodeJS.ErrnoException).code ?? cause.message}); set it to an address of rank 0's host that the others reach`,
          { cause },
        ),
      );
    };
    socket.once("error", fail);
    socket.connect(port, host, (error?: Error) => {
      if (error) return fail(error);
      const { address, family } = socket.address();
      socket.close();
      resolve(family === "IPv6" ? `[${address}]` : address);
    });
  });
}
