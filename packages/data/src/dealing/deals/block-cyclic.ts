import { ArgumentError } from "@tsmpi/protocol";
import { cyclicRouter } from "../../partition/routers";
import { byPlace } from "../by-router";
import { defineDeal } from "../deal";

/** As `cyclic`, so many records at a time. */
export const blockCyclic = defineDeal<{
  readonly by: "block-cyclic";
  /** Of a block. */
  readonly records: number;
}>({
  name: "block-cyclic",
  summary: "so many records at a time to one rank after the other",
  takes: ["records"],
  isByValue: false,
  unevenBy: ({ records }) => records,
  dealer({ records }, size) {
    if (!(Number.isSafeInteger(records) && records > 0))
      throw new ArgumentError(
        `a partition by block-cyclic needs the records of a block, a whole number of at least 1, and that is ${records}`,
      );
    return byPlace(cyclicRouter(size, records));
  },
});
