import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type RankEnvironment, RendezvousError } from "@tsmpi/protocol";
import {
  hostAddresses,
  isLinkLocal,
  isLoopback,
  listOf,
  onInterface,
} from "./interfaces";

export type CoordinatorFacts = Pick<
  RankEnvironment,
  "masterAddr" | "size" | "localSize" | "interface"
>;

const NOT_THE_OTHERS =
  "set it to an address of rank 0's host that the others reach";

/**
 * What MASTER_ADDR means on this host, as numbers, at least one. Where ranks run on several hosts loopback is not among them: on
 * the host of rank 0 its own name may well mean 127.0.1.1 (Debian's /etc/hosts), and then its interface's address is taken.
 *
 * @throws {RendezvousError} it does not resolve, or to what other hosts cannot reach
 */
export async function coordinatorAddresses(
  facts: CoordinatorFacts,
): Promise<readonly string[]> {
  const { masterAddr, size, localSize } = facts;
  const all = await resolve(masterAddr);
  if (localSize === size) return all.slice(0, 1);
  const reachable = all.filter(
    (address) => !isLoopback(address) && !isLinkLocal(address),
  );
  if (reachable.length > 0) return reachable;
  const linkLocal = all.find(isLinkLocal);
  if (linkLocal !== undefined)
    throw new RendezvousError(
      `MASTER_ADDR="${masterAddr}" is link-local (${linkLocal}), which each link of a host has of its own; ${NOT_THE_OTHERS}`,
    );
  return ofThisHost(facts, all[0]!);
}

/** MASTER_ADDR means loopback: if it is a host's name, then this one's. */
function ofThisHost(
  { masterAddr, interface: wanted }: CoordinatorFacts,
  loopback: string,
): readonly string[] {
  if (isIP(masterAddr) !== 0 || /^localhost(\.|$)/.test(masterAddr))
    throw new RendezvousError(
      `this host has no way to MASTER_ADDR="${masterAddr}" (${loopback} is each host's own); ${NOT_THE_OTHERS}`,
    );
  const all = hostAddresses();
  const own = wanted === null ? all : onInterface(all, wanted);
  const names = new Set(own.map(({ interface: name }) => name));
  if (names.size === 1) return own.map(({ address }) => address);
  throw new RendezvousError(
    `MASTER_ADDR="${masterAddr}" is ${loopback} on this host, which other hosts cannot reach, and this host has ${listOf(own)}; ${
      names.size === 0
        ? "connect it to the others"
        : "set TSMPI_INTERFACE to the one that the others reach"
    }`,
  );
}

async function resolve(host: string): Promise<readonly string[]> {
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address);
  } catch (error) {
    throw new RendezvousError(
      `MASTER_ADDR "${host}" does not resolve (${(error as NodeJS.ErrnoException).code ?? String(error)}); set it to the name or address of the host that runs rank 0`,
      { cause: error },
    );
  }
}
