import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LongLine } from "./main";

const START_MS = 20_000;
/** What a host may send at once; more would be lost before it is ours. */
const QUEUE_FRAMES = "10000";

/**
 * Makes the interfaces of a `LongLine`, and carries what they send until it is closed. Waits for them without a turn of the
 * event loop.
 *
 * @throws {Error} the kernel has no interfaces that a process serves
 */
export function openLongLine(line: LongLine): { close(): void } {
  if (!existsSync("/dev/net/tun"))
    throw new Error("the kernel has neither netem nor /dev/net/tun");
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-line-"));
  const said = join(folder, "stderr");
  const stderr = openSync(said, "w");
  const child = spawn(
    process.execPath,
    [
      ...["--require", require.resolve("tsx/cjs"), join(__dirname, "main.ts")],
      JSON.stringify(line),
    ],
    { stdio: ["pipe", "ignore", stderr] },
  );
  closeSync(stderr);
  const close = (): void => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const untilMs = performance.now() + START_MS;
    for (const { namespace, device } of line.networks.flat())
      while (!isThere(namespace, device))
        if (performance.now() > untilMs || readFileSync(said, "utf8") !== "")
          throw new Error(`no long line: ${readFileSync(said, "utf8")}`);
    return { close };
  } catch (error) {
    close();
    throw error;
  }
}

/** With room for what is sent. */
function isThere(namespace: string, device: string): boolean {
  try {
    execFileSync(
      "ip",
      ["-n", namespace, "link", "set", device, "txqueuelen", QUEUE_FRAMES],
      { stdio: "ignore" },
    );
    return true;
  } catch {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    return false;
  }
}
