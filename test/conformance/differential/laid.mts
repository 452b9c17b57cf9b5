import { MPI } from "tsmpi";
import type { Kind, NumberArray } from "../arrays.mts";
import { equal } from "../check.mts";
import { noise } from "./dice.mts";

/** In the elements that no call may touch. */
const GUARD = 77;
/** In a receive buffer before the call. */
export const BLANK = 55;

/** A buffer for one call: alone, within a larger array whose rest is watched, or in the memory that the threads share. */
export interface Laid {
  readonly array: NumberArray;
  /** As the call takes it. */
  readonly message: unknown;
  /** Whether it holds these numbers now, and nothing around it was touched. Gives the memory back. */
  holds(numbers: readonly number[], what: string): void;
}

/** @param style any number: how it is laid */
export function lay(
  kind: Kind,
  numbers: readonly number[],
  style: number,
): Laid {
  const content = kind.from(numbers.length, (index) => numbers[index]!);
  const { whole, array, release } = place(content, kind, style);
  array.set(content as never);
  const [before, behind] = [
    array.byteOffset - whole.byteOffset,
    whole.byteLength - array.byteLength,
  ].map((bytes) => bytes / whole.BYTES_PER_ELEMENT) as [number, number];
  return {
    array,
    message: kind.message(array),
    holds(expected, what) {
      const guarded = [
        ...new Array<number>(before).fill(GUARD),
        ...expected,
        ...new Array<number>(behind - before).fill(GUARD),
      ];
      equal(
        copyOf(whole),
        kind.from(guarded.length, (index) => guarded[index]!),
        what,
      );
      release();
    },
  };
}

function place(
  content: NumberArray,
  kind: Kind,
  style: number,
): { whole: NumberArray; array: NumberArray; release: () => void } {
  const nothing = () => {};
  const { length } = content;
  switch (length === 0 ? 3 : noise(style, 1) % 4) {
    case 0: {
      const start = noise(style, 2) % 4;
      const whole = kind.filled(length + start + 2, GUARD);
      return {
        whole,
        array: whole.subarray(start, start + length),
        release: nothing,
      };
    }
    case 1: {
      const whole = MPI.Alloc_mem(
        content.constructor as Float64ArrayConstructor,
        length,
      );
      return { whole, array: whole, release: () => MPI.Free_mem(whole) };
    }
    default: {
      const whole = kind.filled(length, 0);
      return { whole, array: whole, release: nothing };
    }
  }
}

/** Without the memory it lies in, which may be shared. */
const copyOf = (array: NumberArray): NumberArray => {
  const copy = new (array.constructor as Float64ArrayConstructor)(array.length);
  copy.set(array as never);
  return copy;
};
