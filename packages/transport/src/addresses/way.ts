import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import {
  EnvironmentError,
  type RankEnvironment,
  RendezvousError,
} from "@tsmpi/protocol";
import {
  coordinatorAddresses,
  type CoordinatorFacts,
} from "./coordinator-addresses";
import { hostAddresses, onInterface } from "./interfaces";

/** How a rank reaches rank 0's coordinator, and is reached. */
export interface Way {
  /** As a number. */
  readonly coordinator: string;
  /** The address of this host on which the rank listens. */
  readonly own: string;
  /** The interface towards the coordinator: eth0. */
  readonly interface: string;
}

/**
 * Among ranks of one host loopback; else the interface that the system would send through, or TSMPI_INTERFACE. Sends nothing.
 *
 * @throws {RendezvousError} MASTER_ADDR does not resolve, is loopback or link-local, or there is no way there
 * @throws {EnvironmentError} this host has no such interface
 */
export async function wayToCoordinator(
  facts: CoordinatorFacts & Pick<RankEnvironment, "masterPort">,
): Promise<Way> {
  const { masterAddr, masterPort, size, localSize, interface: wanted } = facts;
  const addresses = await coordinatorAddresses(facts);
  if (localSize === size)
    return { coordinator: addresses[0]!, own: "127.0.0.1", interface: "lo" };
  let problem: unknown;
  for (const coordinator of addresses)
    try {
      const towards = await addressTowards(coordinator, masterPort);
      const own = wanted === null ? towards : listed(wanted, coordinator);
      return { coordinator, own, interface: nameOf(towards) };
    } catch (error) {
      if (error instanceof EnvironmentError) throw error;
      problem ??= error;
    }
  const { code, message } = problem as NodeJS.ErrnoException;
  throw new RendezvousError(
    `this host has no way to MASTER_ADDR="${masterAddr}" (${code ?? message}); set it to an address of rank 0's host that the others reach`,
    { cause: problem },
  );
}

/** Of the interface that is wanted, if it has several: one that speaks as the coordinator does. */
function listed(wanted: string, coordinator: string): string {
  const own = onInterface(hostAddresses(), wanted);
  const alike = own.find(
    ({ address }) => isIPv6(address) === isIPv6(coordinator),
  );
  return (alike ?? own[0]!).address;
}

const nameOf = (own: string): string =>
  hostAddresses().find(({ address }) => address === own)?.interface ?? own;

/** Of this host, on the way to another: what a datagram socket is bound to that has been connected to it. */
const addressTowards = (address: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    // Node's types do not know of the error.
    const connected = (error?: Error): void => {
      if (error) reject(error);
      else resolve(socket.address().address);
      socket.close();
    };
    socket.connect(port, address, connected);
  });
