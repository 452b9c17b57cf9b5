import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, type Launched } from "../support/launch";

/** `tsrun data …` in a folder of its own, which is removed after the tests of a file. */
export function dataFolder() {
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-data-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    path: (...names: string[]) => join(folder, ...names),
    data: (...args: string[]): Promise<Launched> =>
      launch({ args: ["data", ...args], cwd: folder }),
  };
}

/** Numbers that look random and are the same everywhere. */
export const mixed = (i: number): number =>
  (Math.imul(i + 1, 2_654_435_761) >>> 0) / 2 ** 32;

/** Record i of the datasets of these tests. */
export const recordOf = (i: number) => ({
  id: i,
  name: `row ${i}`,
  score: Math.fround(mixed(i)),
  label: i % 3,
});

export const ROWS = 1000;
export const LINES = Array.from({ length: ROWS }, (_, i) =>
  JSON.stringify(recordOf(i)),
);
