import { MPI } from "tsmpi";
import type { NumberArray } from "../arrays.mts";

/** A function of two numbers as MPI takes it: over two arrays, the result in the second. */
export const elementwise =
  (op: (lower: number, higher: number) => number) =>
  (lower: NumberArray, higher: NumberArray): void => {
    for (let i = 0; i < higher.length; i++) {
      const result = op(Number(lower[i]), Number(higher[i]));
      higher[i] = typeof higher[i] === "bigint" ? BigInt(result) : result;
    }
  };

export const userOp = (
  op: (lower: number, higher: number) => number,
  commute: boolean,
): InstanceType<typeof MPI.Op> =>
  MPI.Op.Create(elementwise(op) as never, commute);
