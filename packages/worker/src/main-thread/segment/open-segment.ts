import { closeSync, writeSync } from "node:fs";
import {
  createLog,
  EnvironmentError,
  type RankAddress,
  readLogLevel,
  type ShareAddress,
} from "@tsmpi/protocol";
import { loadSharedMemory } from "@tsmpi/transport";
import type { Runtime } from "../runtime";
import { Segment } from "./segment";
import { isWanted, type Offer } from "./share-offer";

/**
 * The memory that the ranks of this host share, if all of them can; null if not. Every rank calls this once, before anything
 * else is in the arena.
 *
 * @throws {EnvironmentError} on every rank, if shared memory was asked for
 */
export function shareMemory(
  runtime: Runtime,
  { share, isOwn, problem }: Offer,
): Segment | null {
  const { environment } = runtime;
  const { size, rank, transport } = environment;
  const own = isOwn ? openOwn(runtime, share!) : null;
  // Where it is wanted all ranks say what is in the way, also those that are alone on their host.
  if (size === 1 || !isWanted(environment)) return own;
  let segment: Segment | null = null;
  let obstacle = problem;
  if (share !== null && !isOwn)
    try {
      segment = openSegment(runtime, localPeers(runtime));
    } catch (error) {
      obstacle = (error as Error).message;
    }
  const obstacles = runtime.tellAll(obstacle);
  // Who wanted to open it has.
  if (share && !isOwn) closeSync(share.fd);
  const first = obstacles.findIndex((text) => text !== null);
  if (first < 0) {
    if (segment) runtime.showShares(segment.shares);
    return segment ?? own;
  }
  const text = `rank ${first}: ${obstacles[first]}`;
  if (transport === "shm")
    throw new EnvironmentError(`there is no shared memory: ${text}`);
  if (rank === 0)
    createLog({
      where: "rank 0",
      level: readLogLevel(process.env),
      write: (line) => void writeSync(2, line),
    }).notice(`shared memory is not used, and all goes over sockets: ${text}`);
  return own;
}

/** @throws {EnvironmentError} not all ranks of this host offer a share */
function localPeers({
  environment: { rank, localSize },
  addresses,
}: Runtime): readonly RankAddress[] {
  const { machine } = addresses[rank]!;
  const peers = addresses.filter(
    (address) => address.machine === machine && address.share !== null,
  );
  if (peers.length === localSize) return peers;
  throw new EnvironmentError(
    `${peers.length} of ${localSize} ranks of this host can share memory; are the others in different containers?`,
  );
}

/** Memory that this rank shares with nobody. */
function openOwn(runtime: Runtime, share: ShareAddress): Segment | null {
  const { addresses, environment } = runtime;
  try {
    const own = { ...addresses[environment.rank]!, share };
    return openSegment(runtime, [own]);
  } catch {
    return null;
  } finally {
    closeSync(share.fd);
  }
}

/**
 * Maps the shares of ranks of this host.
 *
 * @throws {EnvironmentError} they cannot be had: says why
 */
function openSegment(
  { environment: { rank, jobKey }, arena, kernels, messages }: Runtime,
  peers: readonly RankAddress[],
): Segment {
  const { attachShares, loadLibc } = loadSharedMemory();
  const libc = loadLibc();
  const memory = arena.memory.buffer;
  attachShares({ libc, memory, peers, rank, jobKey });
  return new Segment({
    ...{ libc, arena, kernels },
    local: peers.map(({ rank }) => rank),
    shareBytes: peers[0]!.share!.bytes,
    rank,
    isGone: (world) => messages.goneOf(world) !== null,
  });
}
