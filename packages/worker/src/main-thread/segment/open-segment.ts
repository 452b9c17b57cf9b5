import { closeSync, writeSync } from "node:fs";
import { MOST_LOCAL_RANKS } from "@tsmpi/collective";
import {
  createLog,
  EnvironmentError,
  type RankAddress,
  type RankEnvironment,
  readLogLevel,
  type ShareAddress,
} from "@tsmpi/protocol";
import { loadSharedMemory } from "@tsmpi/transport";
import { MOST_ARENA_BYTES } from "../../bridge/arena";
import type { Runtime } from "../runtime";
import { leastShareBytes, Segment } from "./segment";

const PAGE_BYTES = 65_536;

/** This rank's offer to share memory, or why there is none. */
export interface Offer {
  readonly share: ShareAddress | null;
  /** Nobody else is to see it: it only lets arrays that others have allocated lie in this rank's arena. */
  readonly isOwn: boolean;
  /** For people; null if it is not wanted. */
  readonly problem: string | null;
}

/** Bytes of each rank's share. */
export const shareBytesOf = ({
  arenaBytes,
  localSize,
}: RankEnvironment): number =>
  wholePages(Math.min(arenaBytes, MOST_ARENA_BYTES / localSize));

const wholePages = (bytes: number): number =>
  Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;

const NO_OFFER: Offer = { share: null, isOwn: false, problem: null };

const isWanted = ({ transport }: RankEnvironment): boolean =>
  transport === "auto" || transport === "shm";

export function offerShare(environment: RankEnvironment): Offer {
  const { rank, size, localSize, jobKey, transport } = environment;
  if (size === 1) return NO_OFFER;
  // Where ranks of other hosts take part, those of each share what they can; who insists wants more.
  if (!isWanted(environment) || (localSize < 2 && transport !== "shm"))
    return ownShare(environment);
  try {
    if (transport === "shm" && localSize !== size)
      throw new EnvironmentError(
        `${localSize} of ${size} ranks run on this host, and memory is shared within one; use --transport auto`,
      );
    if (localSize > MOST_LOCAL_RANKS)
      throw new EnvironmentError(
        `${localSize} ranks on one host are more than ${MOST_LOCAL_RANKS}`,
      );
    const { createShare, loadLibc } = loadSharedMemory();
    const bytes = shareBytesOf(environment);
    if (bytes < leastShareBytes(localSize))
      throw new EnvironmentError(
        `shares of ${bytes} bytes are too small for ${localSize} ranks; set TSMPI_ARENA_BYTES to more`,
      );
    return {
      share: createShare({ libc: loadLibc(), rank, bytes, jobKey }),
      ...{ isOwn: false, problem: null },
    };
  } catch (error) {
    return { ...NO_OFFER, problem: (error as Error).message };
  }
}

/** Where there is none arrays are copied. */
function ownShare({ rank, arenaBytes, jobKey }: RankEnvironment): Offer {
  try {
    const { createShare, loadLibc } = loadSharedMemory();
    const bytes = wholePages(Math.min(arenaBytes, MOST_ARENA_BYTES));
    const share = createShare({ libc: loadLibc(), rank, bytes, jobKey });
    return { share, isOwn: true, problem: null };
  } catch {
    return NO_OFFER;
  }
}

/** Address space for the shares of all ranks of this host. */
export const arenaBytesOf = (
  environment: RankEnvironment,
  { share, isOwn }: Offer,
): number =>
  share
    ? (isOwn ? 1 : environment.localSize) * share.bytes
    : Math.min(environment.arenaBytes, MOST_ARENA_BYTES);

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
