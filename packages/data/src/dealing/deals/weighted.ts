import { ArgumentError } from "@tsmpi/protocol";
import type { FileRecords } from "../../feed";
import { type Router, weightedRouter } from "../../partition/routers";
import { sliceRecords } from "../../records/raw-records";
import { type Dealer, type Dealt, defineDeal } from "../deal";

/**
 * Each run of consecutive records is cut into blocks, one a rank, in proportion to the weights: behind a run no rank is a whole
 * record from its share of all so far.
 */
export const weighted = defineDeal<{
  readonly by: "weighted";
  /** One a rank: its speed, for instance. */
  readonly weights: readonly number[];
}>({
  name: "weighted",
  summary: "neighbours together, in proportion to a weight of each rank",
  takes: ["weights"],
  isByValue: false,
  unevenBy: () => null,
  dealer({ weights }, size) {
    if (!Array.isArray(weights) || weights.length !== size)
      throw new ArgumentError(
        `weights must be a list of ${size} numbers, one a rank, and is ${JSON.stringify(weights)}`,
      );
    return new WeightedDealer(weightedRouter(weights), size);
  },
});

class WeightedDealer implements Dealer {
  readonly #router: Router;
  readonly #size: number;

  constructor(router: Router, size: number) {
    this.#router = router;
    this.#size = size;
  }

  *deal({ file, records }: FileRecords): Generator<Dealt> {
    const counts = new Uint32Array(this.#size);
    for (let i = 0; i < records.starts.length; i++) counts[this.#router()]!++;
    let from = 0;
    for (const [to, count] of counts.entries()) {
      const end = from + count;
      if (count > 0)
        yield { to, file, records: sliceRecords(records, from, end) };
      from = end;
    }
  }
}
