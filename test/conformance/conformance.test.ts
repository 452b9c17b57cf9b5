import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Outcome, runCases } from "./run-cases";

/** What mpi4py checks, class by class, on every communicator, with 1 … 5 ranks. One job runs all cases. */
const SIZES = [1, 2, 3, 4, 5];

/** Two jobs at a time, since ranks wait for each other about as long as they compute. Each of these takes about as long. */
const QUEUES = [
  [5, 2],
  [4, 3, 1],
];

const MODULES = readdirSync(join(__dirname, "cases"))
  .filter((file) => file.endsWith(".mts"))
  .map((file) => basename(file, ".mts"));

const IDS = JSON.parse(
  execFileSync(
    process.execPath,
    ["--import", "tsx", join(__dirname, "list.mts"), ...MODULES],
    { encoding: "utf8" },
  ),
) as readonly string[];

const jobs = new Map<number, Promise<ReadonlyMap<string, Outcome>>>();

beforeAll(() => {
  for (const queue of QUEUES) {
    let before: Promise<unknown> = Promise.resolve();
    for (const size of queue) {
      const job = before.then(() => runCases(size, MODULES));
      jobs.set(size, job);
      // A failure is thrown where the job is awaited.
      before = job.catch(() => {});
    }
  }
});

describe.each(SIZES)("with %i ranks,", (size) => {
  let outcomes: ReadonlyMap<string, Outcome>;
  beforeAll(async () => {
    outcomes = await jobs.get(size)!;
  }, 400_000);

  for (const id of IDS)
    it(id, () => {
      const outcome = outcomes.get(id);
      if (outcome === null) return;
      throw new Error(outcome ?? "the case did not run");
    });
});
