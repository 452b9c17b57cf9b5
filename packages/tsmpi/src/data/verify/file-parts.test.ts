import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeRecords } from "@tsmpi/data";
import type { Team } from "../team";
import { ownParts } from "./file-parts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "tsmpi-parts-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const RECORDS = 3000;
/** Of some MiB, so that there are places in it. */
const write = async (name: string): Promise<string> => {
  const path = join(folder, name);
  const values = new Float32Array(500);
  await writeRecords(
    path,
    Array.from({ length: RECORDS }, () => ({ values })),
  );
  return path;
};

/** What each of so many ranks looks at. The first ones, which know something of files, are asked first. */
async function partsOf(paths: readonly string[], size: number) {
  const gathered: unknown[] = Array.from({ length: size }, () => []);
  const parts = [];
  for (let rank = 0; rank < size; rank++) {
    const allgather = <T>(value: T): T[] => {
      gathered[rank] = value;
      return gathered as T[];
    };
    const team = { rank, size, allgather } as unknown as Team;
    parts.push(await ownParts(paths, {}, team));
  }
  return parts;
}

describe("what ranks verify", () => {
  test.each([2, 3, 5])("of one file is shared out to %i", async (size) => {
    const parts = (await partsOf([await write("a.tfrecord")], size)).flat();
    expect(parts).toHaveLength(size);
    let next = 0;
    for (const { place, records } of parts) {
      expect(place.record).toBe(next);
      next = records === null ? RECORDS : next + records;
    }
    expect(parts.map(({ records }) => records === null)).toEqual(
      parts.map((_, i) => i === size - 1),
    );
    expect(next).toBe(RECORDS);
  });

  test.each([
    ["that is read from its beginning", "a.tfrecord.gz"],
    ["whose checksum is that of all", "a.npz"],
  ])("of a file %s is all of it", async (_, name) => {
    const parts = await partsOf([await write(name)], 2);
    const place = { record: 0, offset: 0 };
    expect(parts).toEqual([[{ file: 0, place, records: null }], []]);
  });

  test("of as many files are whole files", async () => {
    const path = await write("b.tfrecord");
    const parts = await partsOf([path, path, path], 2);
    expect(parts.map((own) => own.map(({ file }) => file))).toEqual([
      [0, 2],
      [1],
    ]);
    expect(parts.flat().every(({ records }) => records === null)).toBe(true);
  });
});
