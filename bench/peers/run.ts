// Measures all-reduce and training step beside Gloo, Open MPI and PyTorch DDP:  npm run bench:peers -- --help
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, TSRUN } from "./commands.ts";
import { aligned, readResults, writeDocs, writeResults } from "./files.ts";
import { findPeers } from "./find-peers.ts";
import { type Job, jobsOf } from "./jobs.ts";
import { thisMachine } from "./machine.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import type { Results } from "./results.ts";
import { targetsTable } from "./tables.ts";

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === "help") return void process.stdout.write(HELP);
  const results =
    options.from === null ? await measured(options) : readResults(options.from);
  process.stdout.write(await aligned(targetsTable(results)));
  if (options.docs !== null) await writeDocs(options.docs, results);
}

/** Every round, each run saved as soon as it is over. */
async function measured(options: Options): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-bench-"));
  try {
    const { python } = options;
    const { peers, versions, missing } = await findPeers({ python, folder });
    missing.forEach(say);
    const isRoot = process.getuid?.() === 0;
    const jobs = jobsOf(options, { ...peers, tsrun: TSRUN, isRoot });
    if (jobs.length === 0) throw new Error("there is nothing to measure");
    let results: Results = {
      date: new Date().toISOString().slice(0, 10),
      command: options.command,
      machine: await thisMachine(versions),
      ...{ allreduceMs: [], samplesPerS: [], hostsMs: [] },
    };
    for (let round = 1; round <= options.rounds; round++) {
      // To and fro, so that what drifts with time favours nobody.
      const inTurn = round % 2 === 1 ? jobs : jobs.toReversed();
      say(`round ${round} of ${options.rounds}`);
      for (const job of inTurn) results = await measure(results, job);
      if (options.docs !== null) await writeResults(options.docs, results);
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws the job fails */
async function measure(results: Results, job: Job): Promise<Results> {
  const startMs = performance.now();
  const lines = (await run(job.command)).split("\n");
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  say(`  ${job.title}: ${seconds} s`);
  return lines.filter((line) => line.startsWith("{")).reduce(job.read, results);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

main(process.argv.slice(2)).catch((error: Error) => {
  say(`bench:peers: ${error.message}`);
  process.exitCode = 1;
});
