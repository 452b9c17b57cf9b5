import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FORMATS } from "@tsmpi/data";
import { openStaging, type Staging } from "./staging";
import type { Target } from "./target";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-staging-"));
  for (const name of ["a-0-of-3", "a-1-of-3", "a-2-of-3", "single", "other"])
    writeFileSync(join(folder, name), `old ${name}`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const shards: Pick<Target, "names" | "inTheWay"> = {
  names: ["a-0-of-2", "a-1-of-2", "single"],
  inTheWay: ["a-0-of-3", "a-1-of-3", "a-2-of-3", "single"],
};

const staged = async (names: readonly string[]): Promise<Staging> => {
  const format = FORMATS.get("csv")!;
  const staging = await openStaging({ ...shards, folder, format });
  for (const name of names)
    writeFileSync(join(staging.folder, name), `new ${name}`);
  return staging;
};
const content = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      readFileSync(join(folder, name), "utf8"),
    ]),
  );

describe("files that are made in a staging folder", () => {
  test("take the place of all that were in the way", async () => {
    const staging = await staged(shards.names);
    await staging.publish();
    await staging.discard();
    expect(content()).toEqual({
      "a-0-of-2": "new a-0-of-2",
      "a-1-of-2": "new a-1-of-2",
      single: "new single",
      other: "old other",
    });
  });

  test.each(shards.names)(
    "of which %s cannot be moved leave all as it was",
    async (missing) => {
      const before = content();
      const staging = await staged(
        shards.names.filter((name) => name !== missing),
      );
      await expect(staging.publish()).rejects.toThrow(
        `${folder} cannot be written: ENOENT`,
      );
      expect(staging.isUnchanged).toBe(true);
      await staging.discard();
      expect(content()).toEqual(before);
    },
  );

  test("do not take the place of a folder", async () => {
    rmSync(join(folder, "a-1-of-3"));
    mkdirSync(join(folder, "a-1-of-3"));
    writeFileSync(join(folder, "a-1-of-3", "mine"), "mine");
    const staging = await staged(shards.names);
    await expect(staging.publish()).rejects.toThrow("cannot be written");
    await staging.discard();
    expect(readdirSync(folder).sort()).toEqual(
      ["a-0-of-3", "a-1-of-3", "a-2-of-3", "other", "single"].sort(),
    );
    expect(readdirSync(join(folder, "a-1-of-3"))).toEqual(["mine"]);
  });

  test("say so when not all can be undone, and where the rest is", async () => {
    const before = content();
    const staging = await staged([]);
    // It can be moved, and not removed as a file is.
    mkdirSync(join(staging.folder, "a-0-of-2"));
    await expect(staging.publish()).rejects.toThrow(
      /ENOENT.*; nor could all be undone \(.*\): what was there and is missing now lies in .*before$/,
    );
    expect(staging.isUnchanged).toBe(false);
    await staging.discard();
    rmSync(join(folder, "a-0-of-2"), { recursive: true });
    expect(readdirSync(join(staging.folder, "before")).sort()).toEqual(
      [...shards.inTheWay].sort(),
    );
    rmSync(staging.folder, { recursive: true });
    expect(content()).toEqual(before);
  });
});
