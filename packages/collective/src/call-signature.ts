import {
  type CallSignature,
  type Dtype,
  dtypeCode,
  dtypeFromCode,
} from "@tsmpi/protocol";
import { callCode, type CallName, callName } from "./calls";
import { type ReduceOp, reduceOpCode, reduceOpFromCode } from "./reduce-ops";

/** Counts that may differ from rank to rank are not compared. */
const COUNTS_DIFFER = -1;
/** In place of an op: a function of the user's. */
const USER_OP = 255;

/** What this rank says of its call; what is left out is not compared. */
export interface CallDescription {
  readonly name: CallName;
  readonly dtype?: Dtype | null;
  readonly count?: number;
  readonly op?: ReduceOp | "user" | null;
  readonly root?: number | null;
  /** Whatever else must be alike; plain data. */
  readonly rest?: unknown;
}

export const isSameCall = (a: CallSignature, b: CallSignature): boolean =>
  a.collective === b.collective &&
  a.dtype === b.dtype &&
  a.op === b.op &&
  a.root === b.root &&
  a.count === b.count &&
  a.digest === b.digest;

export function signature({
  name,
  dtype = null,
  count = COUNTS_DIFFER,
  op = null,
  root = null,
  rest,
}: CallDescription): CallSignature {
  return {
    collective: callCode(name),
    dtype: dtypeCode(dtype),
    op: op === null ? 0 : op === "user" ? USER_OP : reduceOpCode(op),
    root,
    count,
    digest: rest === undefined ? 0 : digest(rest),
  };
}

/** Tells values apart: 32 bits, not 0. */
export function digest(value: unknown): number {
  let hash = 0;
  for (const char of JSON.stringify(value))
    hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
  return hash >>> 0 || 1;
}

/** `allreduce(float32 × 1000, SUM)`, for people. @param rest of which only a digest has travelled */
export function describeCall(
  { collective, dtype, op, root, count, digest }: CallSignature,
  rest?: unknown,
): string {
  const element = dtypeFromCode(dtype);
  const hasCount = count !== COUNTS_DIFFER;
  const details = [
    element && (hasCount ? `${element} × ${count}` : element),
    op === USER_OP ? "an op of the user's" : reduceOpFromCode(op),
    root !== null && `root ${root}`,
    digest > 0 &&
      (rest === undefined
        ? `arguments #${digest.toString(36)}`
        : abridged(JSON.stringify(rest))),
  ].filter(Boolean);
  return `${callName(collective)}(${details.join(", ")})`;
}

const MOST_CHARACTERS = 120;

const abridged = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)} …`;
