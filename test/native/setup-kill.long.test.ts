import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedEngines } from "../../packages/engine/src/native/installed";
import { TSRUN } from "../support/launch";
import { nativeTest } from "../support/native-engine";

const native = nativeTest();
const KILLS = 20;

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "tsmpi-kill-"));
});
afterEach(() => {
  rmSync(cache, { recursive: true, force: true });
});

const tsrun = (...args: readonly string[]) =>
  spawnSync(process.execPath, [TSRUN, ...args], {
    encoding: "utf8",
    env: { ...process.env, TSMPI_CACHE_DIR: cache },
  });

/** SIGKILL: nothing is cleaned up. */
async function killedAfter(ms: number, ...args: readonly string[]) {
  const setup = spawn(
    process.execPath,
    [TSRUN, "setup", "--dir", cache, ...args],
    { stdio: "ignore" },
  );
  const timer = setTimeout(() => setup.kill("SIGKILL"), ms);
  const [, signal] = (await once(setup, "exit")) as [number, string | null];
  clearTimeout(timer);
  return signal === "SIGKILL";
}

/** What there is computes: a job would take it. */
function expectTraining() {
  const { status, stdout } = tsrun(
    ..."doctor --json --engine tensorflow".split(" "),
  );
  const { engine } = JSON.parse(stdout) as { engine: { name: string } };
  expect({ status, name: engine.name }).toEqual({
    status: 0,
    name: "tensorflow",
  });
}

native(
  `setup killed at ${KILLS} random moments leaves a working engine or a clean retry`,
  async () => {
    const startMs = performance.now();
    expect(tsrun("setup", "--dir", cache).status).toBe(0);
    const wholeMs = performance.now() - startMs;

    const seen: string[] = [];
    // Who is done before the signal comes does not count.
    for (let kills = 0; kills < KILLS;) {
      // First without an engine, so that none may be half there; then over one that works.
      const replaces = kills >= KILLS / 2;
      if (!replaces) tsrun("setup", "--dir", cache, "--remove");
      if (replaces && installedEngines(cache).length === 0)
        expect(tsrun("setup", "--dir", cache).status).toBe(0);
      const afterMs = Math.random() * wholeMs;
      const isKilled = await killedAfter(
        afterMs,
        ...(replaces ? ["--force"] : []),
      );
      if (isKilled) kills++;
      const isThere = installedEngines(cache).length > 0;
      if (isThere) expectTraining();
      if (!isKilled) expect(isThere).toBe(true);
      seen.push(
        `${replaces ? "replacing" : "new"}: ${isKilled ? `killed after ${(afterMs / 1000).toFixed(1)} s` : "complete"}, ${isThere ? "trains" : "none"}`,
      );
    }
    console.log(seen.join("\n"));

    expect(tsrun("setup", "--dir", cache).status).toBe(0);
    expectTraining();
    // Nothing is left of those that were killed.
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^tensorflow-/)]);
  },
);
