import {
  ArgumentError,
  BufferTypeError,
  CountError,
  dtypeOf,
  RankError,
  RootError,
  TagError,
  type TypedArray,
} from "@tsmpi/protocol";
import { ANY_SOURCE, ANY_TAG, MAX_TAG, PROC_NULL } from "./constants";
import { Status } from "./status";

/** `root`, given as a number or as `{ root }`. */
export type RootArgument = number | { readonly root?: number };

/** Where a message goes: `dest, tag` or `{ dest, tag }`. */
export interface SendOptions {
  readonly dest: number;
  readonly tag?: number;
}

/** Which message is wanted: `source, tag, status` or `{ source, tag, status }`. */
export interface ReceiveOptions {
  readonly source?: number;
  readonly tag?: number;
  readonly status?: Status;
}

/** @throws {RootError} */
export function readRoot(argument: RootArgument, size: number): number {
  const root = typeof argument === "object" ? (argument.root ?? 0) : argument;
  if (isRank(root, size)) return root;
  throw new RootError(`root ${root} is not a rank from 0 to ${size - 1}`);
}

/** @throws {RankError | TagError} */
export function readSend(
  dest: number | SendOptions,
  tag: number,
  size: number,
): Required<SendOptions> {
  const options = typeof dest === "object" ? dest : { dest, tag };
  const read = { dest: options.dest, tag: options.tag ?? 0 };
  if (!isRank(read.dest, size) && read.dest !== PROC_NULL)
    throw new RankError(
      `dest ${read.dest} is not a rank from 0 to ${size - 1}`,
    );
  if (!isTag(read.tag))
    throw new TagError(`tag ${read.tag} is not from 0 to ${MAX_TAG}`);
  return read;
}

/** @throws {RankError | TagError} */
export function readReceive(
  source: number | ReceiveOptions,
  tag: number,
  status: Status | undefined,
  size: number,
): { source: number; tag: number; status: Status } {
  const options = typeof source === "object" ? source : { source, tag, status };
  const read = {
    source: options.source ?? ANY_SOURCE,
    tag: options.tag ?? ANY_TAG,
    status: options.status ?? new Status(),
  };
  if (
    !isRank(read.source, size) &&
    read.source !== ANY_SOURCE &&
    read.source !== PROC_NULL
  )
    throw new RankError(
      `source ${read.source} is not a rank from 0 to ${size - 1}, nor ANY_SOURCE`,
    );
  if (!isTag(read.tag) && read.tag !== ANY_TAG)
    throw new TagError(
      `tag ${read.tag} is not from 0 to ${MAX_TAG}, nor ANY_TAG`,
    );
  return read;
}

const isRank = (rank: number, size: number): boolean =>
  Number.isInteger(rank) && rank >= 0 && rank < size;

const isTag = (tag: number): boolean =>
  Number.isInteger(tag) && tag >= 0 && tag <= MAX_TAG;

/** @throws {BufferTypeError} not a typed array */
export function readBuffer(value: unknown, name: string): TypedArray {
  if (dtypeOf(value) !== null) return value as TypedArray;
  throw new BufferTypeError(
    `${name} must be a typed array such as Float32Array, not ${value === null ? "null" : typeof value}; values go through the lower-case calls`,
  );
}

/** @throws {BufferTypeError | CountError} the two differ in element type or length */
export function assertAlike(send: TypedArray, receive: TypedArray): void {
  if (dtypeOf(send) !== dtypeOf(receive))
    throw new BufferTypeError(
      `mismatch in send type ${dtypeOf(send)} and receive type ${dtypeOf(receive)}`,
    );
  if (send.length !== receive.length)
    throw new CountError(
      `mismatch in send count ${send.length} and receive count ${receive.length}`,
    );
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
