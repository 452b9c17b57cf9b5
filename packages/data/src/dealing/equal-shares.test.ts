import type { RawRecords } from "../records/raw-records";
import { DEALS, dealtTo, type Partition } from "./deals";
import { cutShares, type DealEpoch, padShares } from "./equal-shares";

/** Runs of records of a byte, which is their number. */
const RUNS = [4, 1, 9, 3];

function recordsOf(first: number, count: number): RawRecords {
  const starts = Uint32Array.from({ length: count }, (_, i) => i);
  const bytes = starts.map((i) => first + i);
  return {
    ...{ bytes: Uint8Array.from(bytes), starts },
    ...{ ends: starts.map((i) => i + 1), first, offset: first },
  };
}

const dealBy = (
  partition: Partition,
  size: number,
  runs: readonly number[],
): DealEpoch =>
  async function* () {
    const deal = DEALS.get(partition.by)!;
    const dealer = deal.dealer(partition, size, () => 0);
    let first = 0;
    for (const count of runs) {
      const records = recordsOf(first, count);
      yield dealer.deal({ file: 0, records });
      // As in memory that is used again.
      await Promise.resolve();
      records.bytes.fill(255);
      first += count;
    }
  };

/** Numbers of the records that each rank gets, in order. */
async function dealt(deal: DealEpoch, size: number): Promise<number[][]> {
  const had = Array.from({ length: size }, (): number[] => []);
  for await (const run of deal())
    for (const { to, records } of run)
      records.starts.forEach((start) => had[to]!.push(records.bytes[start]!));
  return had;
}

const PARTITIONS: Partition[] = [
  { by: "block" },
  { by: "cyclic" },
  ...[2, 5, 20].map((records): Partition => ({ by: "block-cyclic", records })),
];

describe.each([1, 2, 3, 5, 8])("shares of %i ranks", (size) => {
  test.each(PARTITIONS)("by %j are cut to what all have", async (partition) => {
    for (let runs = 0; runs <= RUNS.length; runs++) {
      const deal = dealBy(partition, size, RUNS.slice(0, runs));
      const all = await dealt(deal, size);
      const records = all.flat().length;
      const dealing = { partition, records, size };
      const most = dealtTo(0, { ...dealing, remainder: "drop" })!;
      const cut = cutShares(deal, { size, most });
      expect(await dealt(cut, size)).toEqual(
        all.map((own) => own.slice(0, Math.min(...all.map((a) => a.length)))),
      );
    }
  });

  test.each(PARTITIONS)(
    "by %j are padded with their own first records",
    async (partition) => {
      for (let runs = 0; runs <= RUNS.length; runs++) {
        const deal = dealBy(partition, size, RUNS.slice(0, runs));
        const all = await dealt(deal, size);
        const most = Math.max(...all.map((own) => own.length));
        const padded = padShares(deal, { size });
        expect(await dealt(padded, size)).toEqual(
          all.map((own) => {
            const again =
              own.length > 0 ? own : all.flat().sort((a, b) => a - b);
            const more = Array.from(
              { length: most - own.length },
              (_, i) => again[i % again.length],
            );
            return [...own, ...more];
          }),
        );
      }
    },
  );
});
