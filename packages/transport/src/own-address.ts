import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { RendezvousError } from "@tsmpi/protocol";

/**
 * The address of this host by which it reaches another one: of the interface that the system would send through. Sends nothing.
 *
 * @param host a name or an address
 * @throws {RendezvousError} it does not resolve, is loopback, or there is no way there
 */
export async function ownAddress(host: string, port: number): Promise<string> {
  try {
    const { address, family } = await lookup(host);
    if (family === 6)
      throw new Error(`${address} is IPv6, which this version does not speak`);
    const own = await addressTowards(address, port);
    if (/^(127\.|0\.0\.0\.0$)/.test(own))
      throw new Error(`${address} is each host's own`);
    return own;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new RendezvousError(
      `this host has no way to MASTER_ADDR="${host}" (${code ?? message}); set it to an address of rank 0's host that the others reach`,
      { cause },
    );
  }
}

const addressTowards = (address: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    // Node's types do not know of the error.
    const connected = (error?: Error): void => {
      if (error) reject(error);
      else resolve(socket.address().address);
      socket.close();
    };
    socket.connect(port, address, connected);
  });
