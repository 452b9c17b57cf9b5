import { isDamaged, type RawRecords, sliceRecords } from "./raw-records";

const COUNT = 1 << 14;

/** Counts how often somebody looks at one of the numbers. */
function counted(numbers: readonly number[]) {
  const looks = { count: 0 };
  const watched = new Proxy(numbers, {
    get(target, name, receiver) {
      if (typeof name === "string" && /^\d+$/.test(name)) looks.count++;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { looks, watched };
}

const recordsOf = (damaged: readonly number[]): RawRecords => ({
  bytes: new Uint8Array(COUNT),
  starts: Uint32Array.from({ length: COUNT }, (_, i) => i),
  ends: Uint32Array.from({ length: COUNT }, (_, i) => i + 1),
  ...{ first: 0, offset: 0, damaged },
});

describe("Damaged records", () => {
  test("are found by a few looks each, where all are damaged", () => {
    const all = Array.from({ length: COUNT }, (_, i) => i);
    const { looks, watched } = counted(all);
    const records = recordsOf(watched);
    for (const i of all) expect(isDamaged(records, i)).toBe(true);
    for (const i of all) {
      const { damaged } = sliceRecords(records, i, i + 1);
      expect(damaged).toEqual([0]);
    }
    expect(looks.count).toBeLessThan(64 * COUNT);
  });

  test("are those and no others, in each part", () => {
    const records = recordsOf([0, 3, 4, COUNT - 1]);
    const of = (one: RawRecords) =>
      Array.from(one.starts.keys()).filter((i) => isDamaged(one, i));
    expect(of(records)).toEqual([0, 3, 4, COUNT - 1]);
    expect(of(sliceRecords(records, 1, 5))).toEqual([2, 3]);
    expect(of(sliceRecords(records, 0, 3))).toEqual([0]);
    expect(sliceRecords(records, 1, 3)).not.toHaveProperty("damaged");
    expect(of(sliceRecords(records, 5, COUNT))).toEqual([COUNT - 6]);
  });
});
