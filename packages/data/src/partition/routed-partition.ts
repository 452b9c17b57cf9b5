import { ArgumentError, type TypedArray } from "@tsmpi/protocol";
import type { Remainder } from "./block-partition";
import type { Router } from "./routers";

/** Which rows each rank has. */
export interface RowPartition {
  /** By rank: numbers of its rows, ascending; behind them those that it has again, as padding. */
  readonly rows: readonly Uint32Array[];
  /** By rank: how many of its last rows are padding. */
  readonly padding: readonly number[];
  /** Rows that go to nobody, ascending. */
  readonly dropped: Uint32Array;
}

/**
 * Deals rows by a router: cyclic, weighted, by a hash, a range or a label of each. The remainder is what the router makes of the
 * rows (`uneven`); or all ranks get as many as the one with the fewest has (`drop`); or as the one with the most has (`pad`): they
 * have their first rows again, and a rank without any has those of all, from row 0 on.
 *
 * @param keys of the rows, in their order; or how many rows there are, if the router needs no key
 * @throws {ArgumentError} dropping would leave no row at all, or there is no row to pad with
 */
export function routedPartition<Key>(
  keys: number | readonly Key[],
  size: number,
  router: Router<Key>,
  remainder: Remainder = "uneven",
): RowPartition {
  const length = typeof keys === "number" ? keys : keys.length;
  const lists = Array.from({ length: size }, (): number[] => []);
  for (let row = 0; row < length; row++) {
    const rank = router(
      typeof keys === "number" ? (undefined as Key) : keys[row]!,
    );
    const list = lists[rank];
    if (list === undefined)
      throw new ArgumentError(
        `row ${row} goes to rank ${rank}, and there are ${size}; make the router for as many ranks`,
      );
    list.push(row);
  }
  const counts = lists.map((list) => list.length);
  switch (remainder) {
    case "uneven":
      return {
        rows: lists.map((list) => Uint32Array.from(list)),
        padding: counts.map(() => 0),
        dropped: new Uint32Array(0),
      };
    case "drop": {
      const least = Math.min(...counts);
      if (least === 0 && length > 0)
        throw new ArgumentError(
          `no row of ${length} goes to rank ${counts.indexOf(0)}, so that "drop" would leave none; use "uneven" or "pad", or fewer ranks`,
        );
      return {
        rows: lists.map((list) => Uint32Array.from(list.slice(0, least))),
        padding: counts.map(() => 0),
        dropped: Uint32Array.from(
          lists.flatMap((list) => list.slice(least)),
        ).sort(),
      };
    }
    case "pad": {
      const most = Math.max(...counts);
      return {
        rows: lists.map((list) =>
          Uint32Array.from({ length: most }, (_, i) =>
            list.length === 0 ? i % length : list[i % list.length]!,
          ),
        ),
        padding: counts.map((count) => most - count),
        dropped: new Uint32Array(0),
      };
    }
  }
}

/** The rows of all ranks one behind the other, as Scatterv sends them: with its counts and displacements, in elements. */
export function packRows<T extends TypedArray>(
  values: T,
  elementsPerRow: number,
  { rows }: RowPartition,
): {
  readonly values: T;
  readonly counts: number[];
  readonly displacements: number[];
} {
  const counts = rows.map((list) => list.length * elementsPerRow);
  let total = 0;
  const displacements = counts.map((count) => (total += count) - count);
  const packed = new (values.constructor as new (length: number) => T)(total);
  let at = 0;
  for (const list of rows)
    for (const row of list) {
      const start = row * elementsPerRow;
      // One kind of array on both sides, which the compiler cannot see.
      packed.set(values.subarray(start, start + elementsPerRow) as never, at);
      at += elementsPerRow;
    }
  return { values: packed, counts, displacements };
}
