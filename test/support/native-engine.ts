import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import {
  directoryName,
  ENGINE_FILE,
} from "../../packages/engine/src/native/installed";
import { recipeFor } from "../../packages/engine/src/setup/recipe";
import { TSRUN } from "./launch";

/**
 * Where the tests' own native engine lies. TSMPI_TEST_CACHE hands on one that is there already; else `tsrun setup` makes it once,
 * and it stays until the next `npm ci`.
 */
export const NATIVE_CACHE =
  process.env.TSMPI_TEST_CACHE ||
  join(__dirname, "../../node_modules/.cache/tsmpi/native");

/**
 * `test`, or where neither engine nor package index can be had `test.skip`, with the reason printed. Sets the engine up if it is
 * not there, which takes half a minute.
 *
 * @throws setup fails although the index can be reached
 */
export const nativeTest = (): jest.It => {
  const why = whyNoNativeEngine();
  if (why === null) return test;
  process.stderr.write(`tests on native TensorFlow are skipped: ${why}\n`);
  return test.skip;
};

function whyNoNativeEngine(): string | null {
  mkdirSync(NATIVE_CACHE, { recursive: true });
  const lock = join(NATIVE_CACHE, "tests-wait");
  // Whoever makes the folder makes the engine; other test files wait for it.
  while (!isMade()) {
    try {
      mkdirSync(lock);
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      continue;
    }
    try {
      return isMade() ? null : makeEngine();
    } finally {
      rmdirSync(lock);
    }
  }
  return null;
}

/** The one that setup makes now: one of an earlier revision does not count. */
function isMade(): boolean {
  const recipe = recipeFor("cpu");
  return (
    recipe !== null &&
    existsSync(join(NATIVE_CACHE, directoryName(recipe), ENGINE_FILE))
  );
}

function makeEngine(): string | null {
  const args = [TSRUN, "setup", "--dir", NATIVE_CACHE];
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
  });
  if (status === 0) return null;
  if (isIndexReachable()) throw new Error(`tsrun setup failed:\n${stderr}`);
  return `no package index can be reached (${stderr.trim().split("\n").at(-1)})`;
}

const isIndexReachable = (): boolean =>
  spawnSync(process.execPath, [join(__dirname, "index-reachable.js")])
    .status === 0;

/**
 * The same tests on several engines; those on native TensorFlow as `nativeTest` says.
 *
 * @param name of the tests; `%s` in it stands for the engine
 * @param body is given the environment, too, in which a job finds the engine
 */
export function describeEngines(
  engines: readonly string[],
  name: string,
  body: (engine: string, env: Readonly<Record<string, string>>) => void,
): void {
  for (const engine of engines) {
    const isSkipped = engine === "tensorflow" && nativeTest() === test.skip;
    (isSkipped ? describe.skip : describe)(name.replace("%s", engine), () =>
      body(engine, { TSMPI_ENGINE: engine, TSMPI_CACHE_DIR: NATIVE_CACHE }),
    );
  }
}
