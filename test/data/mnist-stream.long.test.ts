import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MODES, type Streamed, streamMnist, trainMnist } from "./run-mnist";

const EPOCHS = 10;

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "tsmpi-shards-"))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Wants a quiet machine with two cores: time that ranks wait for a core counts as waiting for input. */
describe("mnist from 16 TFRecord shards, in full", () => {
  let inMemory: number;
  const runs: Streamed[] = [];
  beforeAll(async () => {
    inMemory = await trainMnist(EPOCHS);
  });

  test.each(MODES)(
    "%s: the accuracy of digits in memory, ± 0.5 %%, and hardly a wait for input",
    async (mode) => {
      const streamed = await streamMnist({ mode, folder, epochs: EPOCHS });
      runs.push(streamed);
      console.log(
        `${mode}: accuracy ${streamed.accuracy} (in memory ${inMemory}), ${streamed.waited} % waiting for input`,
      );
      expect(Math.abs(streamed.accuracy - inMemory)).toBeLessThanOrEqual(0.005);
      expect(streamed.waited).toBeLessThan(3);
    },
  );

  test("every epoch of every mode has the same checksum", () => {
    const checksums = runs.flatMap(({ checksums }) => checksums);
    expect(checksums).toHaveLength(EPOCHS * MODES.length);
    expect(new Set(checksums).size).toBe(1);
  });
});
