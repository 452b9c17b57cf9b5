import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Way } from "../exchange/way";
import type { Choice } from "./decide";
import { choiceFile, readChoice, writeChoice } from "./kept-choice";
import { type Case, digestOf, hostMap, type Place } from "./surroundings";

const START: Way = {
  algorithm: "direct",
  bucketBytes: 25_000_000,
  compression: "none",
};
const PLACE: Place = { host: "a", cpu: "x", cores: 2, engine: "cpu" };
const CASE: Case = {
  hosts: hostMap([PLACE, PLACE]),
  transport: "auto",
  sharesMemory: true,
  layout: ["float32[2, 3]"],
  space: {
    start: START,
    algorithm: ["direct", "ring"],
    bucketBytes: [25_000_000],
    compression: ["none"],
  },
};
const CHOICE: Choice = {
  type: "choose",
  way: { ...START, algorithm: "ring" },
  ...{ stepMs: 1, startMs: 2, reason: "half the time" },
};
const ABOUT = {
  ...{ version: "1.2.3", madeAt: "2026-01-02T03:04:05.000Z" },
  ...{ case: CASE, trials: [] },
};

describe("a choice that is kept", () => {
  let cache: string;
  let file: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "tsmpi-autotune-"));
    file = choiceFile(cache, CASE);
    writeChoice(file, ABOUT, CHOICE);
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  const read = (one = CASE, version = "1.2.3") =>
    readChoice(file, one, version);
  const change = (edit: (text: string) => string) =>
    writeFileSync(file, edit(readFileSync(file, "utf8")));
  const why = (found = read()) => found.type === "refused" && found.why;

  it("is found again, with nothing else beside it", () => {
    const { type: _, ...chosen } = CHOICE;
    expect(read()).toEqual({ type: "kept", kept: { ...ABOUT, ...chosen } });
    expect(readdirSync(dirname(file))).toHaveLength(1);
  });

  it("is for these hosts, this model and these candidates", () => {
    const others: Case[] = [
      { ...CASE, hosts: hostMap([PLACE, PLACE, PLACE]) },
      { ...CASE, hosts: hostMap([PLACE, { ...PLACE, cores: 4 }]) },
      { ...CASE, layout: ["float32[3, 2]"] },
      { ...CASE, transport: "tcp" },
      { ...CASE, sharesMemory: false },
      { ...CASE, space: { ...CASE.space, algorithm: ["direct"] } },
    ];
    const digests = [CASE, ...others].map(digestOf);
    expect(new Set(digests).size).toBe(1 + others.length);
    expect(digestOf(structuredClone(CASE))).toBe(digests[0]);
  });

  it("is not there before it was made", () =>
    expect(readChoice(join(cache, "none.json"), CASE, "1.2.3")).toEqual({
      type: "none",
    }));

  it("of another version is refused", () =>
    expect(why(read(CASE, "1.2.4"))).toBe(
      "it is of tsmpi 1.2.3, and this is 1.2.4",
    ));

  it.each(["", "{", "null", "[1]", "7", "\0\0\0\0"])(
    "is refused if damaged: %j",
    (text) => {
      writeFileSync(file, text);
      expect(why()).toMatch(/^it is (damaged|of tsmpi undefined)/);
    },
  );

  it("is refused in part, or for another case, or with what could not be chosen", () => {
    change((text) => text.slice(0, text.length / 2));
    expect(why()).toBe("it is damaged: no JSON object");
    writeChoice(file, { ...ABOUT, case: { ...CASE, layout: [] } }, CHOICE);
    expect(why()).toBe("it is damaged: it is for another case");
    for (const way of [
      { ...START, algorithm: "rm -rf" },
      { ...START, bucketBytes: -1 },
      { ...START, compression: "int8" },
      null,
    ]) {
      writeChoice(file, ABOUT, { ...CHOICE, way: way as Way });
      expect(why()).toBe("it is damaged: it chooses nothing");
    }
  });

  it("that cannot be written says so, and leaves the old one", () => {
    const before = readFileSync(file, "utf8");
    expect(() => writeChoice(join(file, "x"), ABOUT, CHOICE)).toThrow(
      /EEXIST|ENOTDIR/,
    );
    expect(readFileSync(file, "utf8")).toBe(before);
  });
});

describe("the map of hosts", () => {
  it("counts the ranks that follow each other on one", () =>
    expect(
      hostMap([PLACE, PLACE, { ...PLACE, host: "b" }]).map(
        ({ host, ranks }) => `${host} ${ranks}`,
      ),
    ).toEqual(["a 2", "b 1"]));
});
