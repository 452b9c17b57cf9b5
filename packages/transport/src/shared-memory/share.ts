import { createHash, timingSafeEqual } from "node:crypto";
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import {
  EnvironmentError,
  type RankAddress,
  type ShareAddress,
} from "@tsmpi/protocol";
import type { Libc } from "./libc";

/** At the beginning of each share: what it is, of which job, whose, how long. */
export const HEADER_BYTES = 64;
const MAGIC = "tsmpi shm 1";
const MAGIC_BYTES = 16;
const DIGEST_BYTES = 32;
const RANK_AT = MAGIC_BYTES + DIGEST_BYTES;
const BYTES_AT = RANK_AT + 4;

export interface ShareOptions {
  readonly libc: Libc;
  readonly rank: number;
  readonly bytes: number;
  readonly jobKey: string;
}

/**
 * Makes this rank's part of the memory that the ranks of a host share. It has no name, so that nobody else finds it, no limit of
 * /dev/shm applies, and nothing is left however the job ends; its length can never change, so that no access to it faults.
 *
 * @throws {EnvironmentError} the machine gives none: says why
 */
export function createShare({
  libc,
  rank,
  bytes,
  jobKey,
}: ShareOptions): ShareAddress {
  const fd = libc.createMemoryFile("tsmpi");
  try {
    ftruncateSync(fd, bytes);
    libc.seal(fd);
    writeSync(fd, headerOf({ rank, bytes, jobKey }), 0, HEADER_BYTES, 0);
  } catch (cause) {
    closeSync(fd);
    throw new EnvironmentError(
      `there is no shared memory of ${bytes} bytes (${(cause as Error).message}); set TSMPI_ARENA_BYTES to less`,
      { cause },
    );
  }
  return { fd, bytes };
}

export interface AttachOptions {
  readonly libc: Libc;
  /** Shares are laid over it one behind the other, in the order of `peers`. */
  readonly memory: SharedArrayBuffer;
  /** The ranks of this host, this one among them, in the order of their numbers. */
  readonly peers: readonly RankAddress[];
  /** This rank. */
  readonly rank: number;
  readonly jobKey: string;
}

/**
 * Puts the shares of all ranks of this host into the memory of this one. What lay there before is gone.
 *
 * @throws {EnvironmentError} one of them cannot be had, or is not what it should be: says why
 */
export function attachShares({
  libc,
  memory,
  peers,
  rank: own,
  jobKey,
}: AttachOptions): void {
  const { bytes } = peers[0]!.share!;
  const base = libc.addressOf(memory);
  const stranger = peers.find(({ share }) => share!.bytes !== bytes);
  if (stranger !== undefined)
    throw new EnvironmentError(
      `the share of rank ${stranger.rank} has ${stranger.share!.bytes} bytes, that of rank ${peers[0]!.rank} ${bytes}; set TSMPI_ARENA_BYTES and LOCAL_WORLD_SIZE alike on all ranks`,
    );
  if (peers.length * bytes > memory.byteLength)
    throw new EnvironmentError(
      `${peers.length} ranks of this host share memory for ${Math.floor(memory.byteLength / bytes)}; set LOCAL_WORLD_SIZE to ${peers.length}`,
    );
  const opened: number[] = [];
  try {
    // All or none: what is mapped is no memory of this rank's alone any more.
    const fds = peers.map(({ rank, pid, share }) => {
      if (rank === own) return share!.fd;
      const fd = open(rank, pid, share!);
      opened.push(fd);
      assertShare(fd, { rank, bytes, jobKey });
      return fd;
    });
    fds.forEach((fd, index) => libc.mapOver(base + index * bytes, bytes, fd));
  } finally {
    opened.forEach((fd) => closeSync(fd));
  }
}

function open(rank: number, pid: number, { fd }: ShareAddress): number {
  try {
    return openSync(`/proc/${pid}/fd/${fd}`, "r+");
  } catch (cause) {
    throw new EnvironmentError(
      `the memory of rank ${rank} (pid ${pid}) cannot be opened (${(cause as NodeJS.ErrnoException).code}): are the ranks in different containers, or of different users?`,
      { cause },
    );
  }
}

interface Expected {
  readonly rank: number;
  readonly bytes: number;
  readonly jobKey: string;
}

/** @throws {EnvironmentError} it is not this rank's share of this job */
export function assertShare(fd: number, expected: Expected): void {
  const { rank, bytes } = expected;
  const header = Buffer.alloc(HEADER_BYTES);
  const { size } = fstatSync(fd);
  if (
    size !== bytes ||
    readSync(fd, header, 0, HEADER_BYTES, 0) !== HEADER_BYTES ||
    !timingSafeEqual(header, headerOf(expected))
  )
    throw new EnvironmentError(
      `the memory that rank ${rank} offers is not its share of this job: ${size} bytes of ${bytes}, or another header`,
    );
}

function headerOf({ rank, bytes, jobKey }: Expected): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, "latin1");
  createHash("sha256")
    .update(`tsmpi share ${jobKey}`)
    .digest()
    .copy(header, MAGIC_BYTES);
  header.writeUInt32LE(rank, RANK_AT);
  header.writeDoubleLE(bytes, BYTES_AT);
  return header;
}
