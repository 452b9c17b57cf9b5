import { ArgumentError } from "@tsmpi/protocol";
import { type Key, rangeRouter, type Router } from "../../partition/routers";
import { byKey } from "../by-router";
import { defineDeal } from "../deal";

/** By the order of a field's values: those below the first bound to rank 0, from there to below the second to rank 1, and so on. */
export const range = defineDeal<{
  readonly by: "range";
  /** A field of numbers, or of texts. */
  readonly key: string;
  /** Ascending, one less than there are ranks; `rangeBounds` finds some. */
  readonly bounds: readonly number[] | readonly string[];
}>({
  name: "range",
  summary: "values of a field from one bound to the next to one rank",
  takes: ["key", "bounds"],
  isByValue: true,
  unevenBy: () => null,
  dealer({ key, bounds }, size, route) {
    if (!Array.isArray(bounds) || bounds.length !== size - 1)
      throw new ArgumentError(
        `bounds must be a list of ${size - 1}, one less than there are ranks, and is ${JSON.stringify(bounds)}`,
      );
    const router = rangeRouter(bounds as readonly number[]) as Router<Key>;
    const isText = typeof bounds[0] === "string";
    const rankOf = (value: Key): number => {
      if (size > 1 && isText !== (typeof value === "string"))
        throw new Error(
          `field "${key}" is a ${typeof value}, and the bounds between which it is dealt to a rank are ${typeof bounds[0]}s`,
        );
      return router(value);
    };
    return byKey(rankOf, route);
  },
});
