import { inspect } from "node:util";
import {
  ArgumentError,
  BufferTypeError,
  CountError,
  RankError,
  RootError,
  TagError,
} from "@tsmpi/protocol";
import type { Elements } from "./buffer-spec";
import { ANY_SOURCE, ANY_TAG, MAX_TAG, PROC_NULL } from "./constants";

/** @throws {RootError} */
export function readRoot(root: number, size: number): number {
  if (isRank(root, size)) return root;
  throw new RootError(
    `root ${inspect(root)} is not a rank from 0 to ${size - 1}`,
  );
}

/** @throws {RankError | TagError} */
export function checkSend(dest: number, tag: number, size: number): void {
  if (!isRank(dest, size) && dest !== PROC_NULL)
    throw new RankError(
      `dest ${inspect(dest)} is not a rank from 0 to ${size - 1}`,
    );
  if (!isTag(tag))
    throw new TagError(`tag ${inspect(tag)} is not from 0 to ${MAX_TAG}`);
}

/** @throws {RankError | TagError} */
export function checkReceive(source: number, tag: number, size: number): void {
  if (!isRank(source, size) && source !== ANY_SOURCE && source !== PROC_NULL)
    throw new RankError(
      `source ${inspect(source)} is not a rank from 0 to ${size - 1}, nor ANY_SOURCE`,
    );
  if (!isTag(tag) && tag !== ANY_TAG)
    throw new TagError(
      `tag ${inspect(tag)} is not from 0 to ${MAX_TAG}, nor ANY_TAG`,
    );
}

const isRank = (rank: number, size: number): boolean =>
  Number.isInteger(rank) && rank >= 0 && rank < size;

const isTag = (tag: number): boolean =>
  Number.isInteger(tag) && tag >= 0 && tag <= MAX_TAG;

/** @throws {BufferTypeError | CountError} the two differ in element type or length */
export function assertAlike(send: Elements, receive: Elements): void {
  assertSameType(send, receive);
  if (send.array.length !== receive.array.length)
    throw new CountError(
      `mismatch in send count ${send.array.length} and receive count ${receive.array.length}`,
    );
}

/** @throws {BufferTypeError} the two differ in element type */
export function assertSameType(send: Elements, receive: Elements): void {
  // Nothing has any type.
  if (send.array.length === 0 && receive.array.length === 0) return;
  if (send.dtype !== receive.dtype)
    throw new BufferTypeError(
      `mismatch in send type ${send.dtype} and receive type ${receive.dtype}`,
    );
}

/** Elements of each of `ranks` equal parts. @throws {CountError} */
export function evenCount(
  { array }: Elements,
  ranks: number,
  name: string,
): number {
  if (array.length % ranks !== 0)
    throw new CountError(
      `${name} has ${array.length} elements, which is not a multiple of the ${ranks} ranks`,
    );
  return array.length / ranks;
}

/** @throws {ArgumentError} `list` has not one item a rank; null means a list of nulls */
export function readList<T>(
  list: readonly T[] | null | undefined,
  size: number,
): readonly (T | null)[] {
  if (list === null || list === undefined)
    return Array.from({ length: size }, () => null);
  if (!Array.isArray(list))
    throw new ArgumentError(
      `expecting a list of ${size} items, got ${typeof list}`,
    );
  if (list.length !== size)
    throw new ArgumentError(`expecting ${size} items, got ${list.length}`);
  return list as readonly T[];
}
