import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MODES, type Streamed, streamMnist } from "./run-mnist";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "tsmpi-shards-"))));
afterAll(() => rmSync(folder, { recursive: true }));

/** The quick form of mnist-stream.long.test.ts. */
describe("mnist from 16 TFRecord shards", () => {
  const runs: Streamed[] = [];
  test.each(MODES)("%s: learns, and has each digit once", async (mode) => {
    const streamed = await streamMnist({ mode, folder, epochs: 2 });
    runs.push(streamed);
    expect(streamed.accuracy).toBeGreaterThan(0.92);
    expect(streamed.checksums).toHaveLength(2);
  });

  test("every epoch of every mode has the same checksum", () => {
    expect(runs).toHaveLength(MODES.length);
    expect(new Set(runs.flatMap(({ checksums }) => checksums)).size).toBe(1);
  });
});
