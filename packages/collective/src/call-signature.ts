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
}

export const isSameCall = (a: CallSignature, b: CallSignature): boolean =>
  a.collective === b.collective &&
  a.dtype === b.dtype &&
  a.op === b.op &&
  a.root === b.root &&
  a.count === b.count;

export function signature({
  name,
  dtype = null,
  count = COUNTS_DIFFER,
  op = null,
  root = null,
}: CallDescription): CallSignature {
  return {
    collective: callCode(name),
    dtype: dtypeCode(dtype),
    op: op === null ? 0 : op === "user" ? USER_OP : reduceOpCode(op),
    root,
    count,
  };
}

/** `allreduce(float32 × 1000, SUM)`, for people. */
export function describeCall({
  collective,
  dtype,
  op,
  root,
  count,
}: CallSignature): string {
  const element = dtypeFromCode(dtype);
  const hasCount = count !== COUNTS_DIFFER;
  const details = [
    element && (hasCount ? `${element} × ${count}` : element),
    // A count of nothing is a fingerprint.
    element === null && hasCount && `arguments #${count.toString(36)}`,
    op === USER_OP ? "an op of the user's" : reduceOpFromCode(op),
    root !== null && `root ${root}`,
  ].filter(Boolean);
  return `${callName(collective)}(${details.join(", ")})`;
}
