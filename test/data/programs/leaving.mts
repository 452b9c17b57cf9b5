// An epoch that a rank does not go through to its end: `leaving.mts MODE PATTERN HOW`. Rank 1 ends its program in the middle (exit), is
// killed (kill), or breaks its loop (break); all ranks take two batches (take), also of a thread (take-behind), none (take-0), or rank 1 alone takes two
// (take-1). Each prints how its loop ended, what is said of the epoch, and what it was warned of.
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { epochSummary, MPI, openDataset } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const { rank } = MPI.COMM_WORLD;
const [mode, pattern, how] = process.argv.slice(2) as [
  NonNullable<OpenDatasetOptions["mode"]>,
  ...[string, string],
];
const warnings: string[] = [];
const warn = (text: string) => void warnings.push(text);
// All is read ahead of the program, where others cannot take over what is left of it.
const ahead =
  mode === "dynamic" && (how === "break" || how === "take-1") ? 1 : 50;
const all = (await openDataset(pattern, { mode, warn }))
  .batch(2)
  .prefetch(ahead, { background: how === "take-behind" });
const batches =
  how === "take" || how === "take-behind"
    ? all.take(2)
    : how === "take-0"
      ? all.take(0)
      : how === "take-1" && rank === 1
        ? all.take(2)
        : all;
let [had, error] = [0, ""];
try {
  for await (const { id } of batches) {
    await setTimeout(how.startsWith("take") ? 0 : 20);
    had += (id as { values: Int32Array }).values.length;
    if (rank !== 1 || had < 6) continue;
    if (how === "exit") process.exit(0);
    if (how === "kill") process.kill(process.pid, "SIGKILL");
    if (how === "break") break;
  }
} catch (problem) {
  const { code, message } = problem as Error & { code: string };
  error = `${code} ${message}`;
}
const { isExact, records, text } = await epochSummary(all);
// What the root is told follows at once.
await setTimeout(20);
const line = { rank, had, error, isExact, records, text, warnings };
writeSync(1, `${JSON.stringify(line)}\n`);
await all.close();
