import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isSameWay, type Way } from "../exchange/way";
import type { Choice, Trial } from "./decide";
import { type Case, digestOf } from "./surroundings";

/** The file of a choice, as JSON. */
export interface KeptChoice {
  /** Of tsmpi: what is fastest may change with it. */
  readonly version: string;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly case: Case;
  readonly way: Way;
  readonly stepMs: number;
  readonly startMs: number;
  readonly reason: string;
  readonly trials: readonly Trial[];
}

export type Found =
  | { readonly type: "none" }
  | { readonly type: "kept"; readonly kept: KeptChoice }
  /** There is a file that cannot be used; why, for a person. */
  | { readonly type: "refused"; readonly why: string };

/** Where the choice for one case is kept. */
export const choiceFile = (cacheDirectory: string, one: Case): string =>
  join(cacheDirectory, "autotune", `${digestOf(one)}.json`);

/** What an earlier job has chosen for this case. */
export function readChoice(file: string, one: Case, version: string): Found {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { type: "none" };
    return { type: "refused", why: message };
  }
  return parseChoice(text, one, version);
}

/** Believes nothing that it reads. */
export function parseChoice(text: string, one: Case, version: string): Found {
  let kept: KeptChoice;
  try {
    kept = JSON.parse(text) as KeptChoice;
    if (typeof kept !== "object" || kept === null) throw new Error("no object");
  } catch {
    return { type: "refused", why: "it is damaged: no JSON object" };
  }
  if (kept.version !== version)
    return {
      type: "refused",
      why: `it is of tsmpi ${String(kept.version)}, and this is ${version}`,
    };
  if (JSON.stringify(kept.case) !== JSON.stringify(one))
    return { type: "refused", why: "it is damaged: it is for another case" };
  const way = isObject(kept.way) ? wayIn(one, kept.way) : null;
  if (way === null || typeof kept.madeAt !== "string")
    return { type: "refused", why: "it is damaged: it chooses nothing" };
  return { type: "kept", kept: { ...kept, way } };
}

/** One that could have been tried; null: it could not. */
function wayIn({ space }: Case, given: Way): Way | null {
  const { algorithm, bucketBytes, compression } = given;
  const way: Way = { algorithm, bucketBytes, compression };
  const couldBeTried =
    space.algorithm.includes(algorithm) &&
    space.bucketBytes.includes(bucketBytes) &&
    space.compression.includes(compression);
  return couldBeTried || isSameWay(way, space.start) ? way : null;
}

const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null;

/**
 * All of it or nothing: whoever reads meanwhile sees the old file.
 *
 * @throws the system's error
 */
export function writeChoice(
  file: string,
  choice: Pick<KeptChoice, "version" | "madeAt" | "case" | "trials">,
  { way, stepMs, startMs, reason }: Choice,
): void {
  const kept: KeptChoice = { ...choice, way, stepMs, startMs, reason };
  const written = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(written, JSON.stringify(kept, null, 2) + "\n");
    renameSync(written, file);
  } catch (error) {
    rmSync(written, { force: true });
    throw error;
  }
}
