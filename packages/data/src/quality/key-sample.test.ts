import { KeySampler, sharedKeys, thinned } from "./key-sample";

/** Of a rank whose records have these keys. */
function sampleOf(
  keys: readonly (string | number)[],
  path = "a.csv",
  most?: number,
) {
  const sampler = new KeySampler(most);
  keys.forEach((key, record) => sampler.add(String(key), path, record));
  return sampler.sample();
}
const upTo = (length: number, first = 0) =>
  Array.from({ length }, (_, i) => first + i);

describe("Keys of several ranks", () => {
  test("are all found, with the places of both", () => {
    const samples = [
      sampleOf(["x", "y", "z"]),
      null,
      sampleOf(["v", "z", "w"], "b.csv"),
      sampleOf(["z"], "c.csv"),
    ];
    expect(sharedKeys(samples, 10)).toEqual({
      records: 2,
      examples: [
        "b.csv, record 1 (rank 2): the record has the key of a.csv, record 2 (rank 0)",
        "c.csv, record 0 (rank 3): the record has the key of a.csv, record 2 (rank 0)",
      ],
    });
    expect(sharedKeys(samples, 1).examples).toHaveLength(1);
  });

  test("are none where they differ, in 300,000 keys", () => {
    const samples = [0, 1, 2].map((rank) =>
      sampleOf(upTo(100_000, rank * 100_000)),
    );
    expect(sharedKeys(samples, 10)).toEqual({ records: 0, examples: [] });
  });

  test("are no duplicates where two ranks were given one record", () => {
    expect(sharedKeys([sampleOf(["x"]), sampleOf(["x"])], 10).records).toBe(0);
  });

  test("are compared in part where they are too many, the same part on each rank", () => {
    // Half of the keys of the second are keys of the first.
    const samples = [
      sampleOf(upTo(50_000), "a.csv", 1000),
      sampleOf(upTo(10_000, 45_000), "b.csv"),
    ];
    expect(samples[0]!.hashes.length).toBeLessThanOrEqual(1000);
    expect(samples[0]!.zeros).toBeGreaterThan(4);
    const { records, examples } = sharedKeys(samples, 1);
    expect(records).toBeGreaterThan(2500);
    expect(records).toBeLessThan(10_000);
    expect(examples[0]).toMatch(
      /^b\.csv, record \d+ \(rank 1\): the record has the key of a\.csv, record \d+ \(rank 0; of 64 keys one is compared across ranks\)$/,
    );
  });

  test("are thinned to as many as may travel", () => {
    const all = sampleOf(upTo(5000));
    const some = thinned(all, 100);
    expect(some.hashes.length).toBeLessThanOrEqual(100);
    expect(some).toEqual(sampleOf(upTo(5000), "a.csv", 100));
    expect(thinned(all, 5000)).toEqual(all);
  });
});
