import type { Format } from "@tsmpi/data";
import { Random, TRIALS } from "./random-records";
import { fileOf, hasChecksums, readDamaged, roundTrip } from "./round-trip";

/** Records of a file that is damaged. */
const FEW = 20;

/** What is said of every writable format, with so many random records, and damaged so often. */
export function describeFormats(
  formats: ReadonlyMap<string, Format>,
  {
    records,
    flips,
    cuts,
  }: {
    readonly records: number;
    readonly flips: number;
    readonly cuts: number;
  },
): void {
  const writable = [...formats.values()].filter(({ writing }) => writing);
  const each = writable.map((format) => [format.name, format] as const);

  test("every format that is written is tried out", () => {
    expect(Object.keys(TRIALS).sort()).toEqual(
      each.map(([name]) => name).sort(),
    );
  });

  describe.each(each)("%s", (_name, format) => {
    test(`holds ${records} random records, to the bit, and gives them from every place`, async () => {
      expect(await roundTrip(format, records)).toEqual([]);
    });

    test("holds a single record", async () => {
      expect(await roundTrip(format, 1)).toEqual([]);
    });

    test("with a flipped bit says where, or is read", async () => {
      const bytes = await fileOf(format, FEW);
      const isChecked = await hasChecksums(format, bytes);
      const random = new Random(flips);
      for (let i = 0; i < flips; i++) {
        const bit =
          flips < 8 * bytes.length ? random.below(8 * bytes.length) : i;
        if (bit >= 8 * bytes.length) break;
        const damaged = bytes.slice();
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        expectOutcome(format, await readDamaged(format, damaged), isChecked);
      }
    });

    test("that was cut off says where, or is read up to there", async () => {
      const bytes = await fileOf(format, FEW);
      const isChecked = await hasChecksums(format, bytes);
      const random = new Random(cuts);
      for (let i = 0; i < cuts; i++) {
        const length = cuts < bytes.length ? random.below(bytes.length) : i;
        if (length >= bytes.length) break;
        const outcome = await readDamaged(format, bytes.slice(0, length));
        if (typeof outcome === "string")
          expectOutcome(format, outcome, isChecked);
        else if (isChecked)
          // Between two records nobody can tell.
          expect((await fileOf(format, outcome)).length).toBe(length);
        else expect(outcome).toBeLessThanOrEqual(FEW);
      }
    });
  });
}

function expectOutcome(
  { extensions }: Format,
  outcome: string | number,
  isChecked: boolean,
): void {
  const path = `trial${extensions[0]}`;
  if (isChecked)
    expect(outcome).toMatch(/^trial\S+, record \d+ \(byte \d+\): /);
  else if (typeof outcome === "string")
    // Which file it is.
    expect(outcome).toContain(path);
}
