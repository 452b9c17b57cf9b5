import {
  type CallSignature,
  type Dtype,
  dtypeCode,
  dtypeFromCode,
  dtypeOf,
  type TypedArray,
} from "@tsmpi/protocol";
import { type Collective, COLLECTIVES } from "./algorithm";
import { type ReduceOp, reduceOpCode, reduceOpFromCode } from "./reduce-ops";

/** Counts that may differ from rank to rank are not compared. */
const COUNTS_DIFFER = -1;

export const isSameCall = (a: CallSignature, b: CallSignature): boolean =>
  a.collective === b.collective &&
  a.dtype === b.dtype &&
  a.op === b.op &&
  a.root === b.root &&
  a.count === b.count;

/** What this rank says of its call; what is left out is not compared. */
export function signature(
  collective: Collective,
  {
    dtype = null,
    count = COUNTS_DIFFER,
    op = null,
    root = null,
  }: {
    readonly dtype?: Dtype | null;
    readonly count?: number;
    readonly op?: ReduceOp | null;
    readonly root?: number | null;
  },
): CallSignature {
  return {
    collective: COLLECTIVES[collective],
    dtype: dtypeCode(dtype),
    op: op === null ? 0 : reduceOpCode(op),
    root,
    count,
  };
}

export const elementsOf = (buffer: TypedArray) => ({
  dtype: dtypeOf(buffer)!,
  count: buffer.length,
});

/** `allreduce(float32 × 1000, SUM)`, for people. */
export function describeCall({
  collective,
  dtype,
  op,
  root,
  count,
}: CallSignature): string {
  const name =
    Object.entries(COLLECTIVES).find(([, code]) => code === collective)?.[0] ??
    `collective ${collective}`;
  const element = dtypeFromCode(dtype);
  const details = [
    element && (count === COUNTS_DIFFER ? element : `${element} × ${count}`),
    reduceOpFromCode(op),
    root !== null && `root ${root}`,
  ].filter(Boolean);
  return `${name}(${details.join(", ")})`;
}
