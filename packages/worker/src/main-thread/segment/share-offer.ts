import { MOST_LOCAL_RANKS } from "@tsmpi/collective";
import {
  EnvironmentError,
  type RankEnvironment,
  type ShareAddress,
} from "@tsmpi/protocol";
import { loadSharedMemory } from "@tsmpi/transport";
import { MOST_ARENA_BYTES } from "../../bridge/arena";
import { leastShareBytes } from "./segment";

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
const shareBytesOf = ({ arenaBytes, localSize }: RankEnvironment): number =>
  wholePages(Math.min(arenaBytes, MOST_ARENA_BYTES / localSize));

const wholePages = (bytes: number): number =>
  Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;

const NO_OFFER: Offer = { share: null, isOwn: false, problem: null };

/** Ranks of a host are to share memory where they can. */
export const isWanted = ({ transport }: RankEnvironment): boolean =>
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
