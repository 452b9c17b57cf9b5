import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Starts two sleepers in groups of their own, watches both, forgets the second, and is then killed or closes its guardian. */
const LAUNCHER = `
  const { spawn } = require("node:child_process");
  const { Guardian } = require(process.argv[1]);
  const guardian = new Guardian({ shell: process.argv[2] });
  const [watched, forgotten] = [0, 1].map(() => {
    const { pid } = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    guardian.watch(pid);
    return pid;
  });
  guardian.forget(forgotten);
  console.log(guardian.process.pid + " " + watched + " " + forgotten);
  process.stdin.once("data", (text) => {
    if (text.toString() === "die") process.kill(process.pid, "SIGKILL");
    guardian.close();
    process.exit(0);
  });`;

const alive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 5_000;
  while (!condition() && performance.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
}

async function play(shell: string, end: "die" | "close") {
  const dist = join(__dirname, "../dist/guardian.js");
  const launcher = spawn(process.execPath, ["-e", LAUNCHER, dist, shell]);
  const [line] = (await once(launcher.stdout, "data")) as [Buffer];
  const [guardian, watched, forgotten] = line.toString().split(" ").map(Number);
  launcher.stdin.write(end);
  await once(launcher, "exit");
  return { guardian: guardian!, watched: watched!, forgotten: forgotten! };
}

describe.each(["/bin/sh", "/no/such/shell"])("guarding with %s", (shell) => {
  test("kills what it watches when its launcher is killed, and nothing else", async () => {
    const { guardian, watched, forgotten } = await play(shell, "die");
    await until(() => !alive(watched) && !alive(guardian));
    expect(alive(forgotten)).toBe(true);
    process.kill(forgotten, "SIGKILL");
  });

  test("kills nothing when its launcher is done, and ends", async () => {
    const { guardian, watched, forgotten } = await play(shell, "close");
    await until(() => !alive(guardian));
    expect([watched, forgotten].map(alive)).toEqual([true, true]);
    for (const pid of [watched, forgotten]) process.kill(pid, "SIGKILL");
  });
});
