import { join } from "node:path";
import { start } from "../support/launch";

const PROGRAM = join(__dirname, "program.mts");

/** A job that prints nothing for so long hangs: above the deadline at which ranks meet after a failure. */
const SILENCE_MS = 30_000;

/** A job that breaks is begun again behind the case that broke it, at most so often. */
const MAX_JOBS = 8;

/** How a case ended: null where it passed, else what its ranks say. */
export type Outcome = string | null;

interface Line {
  readonly rank: number;
  readonly begins?: string;
  readonly fails?: string;
  readonly ends?: string;
  readonly failures?: readonly { rank: number; text: string }[];
  readonly done?: boolean;
}

/** Runs all cases of these modules with `size` ranks. What has no outcome did not run. */
export async function runCases(
  size: number,
  modules: readonly string[],
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  let after: string | null = null;
  for (let job = 0; job < MAX_JOBS; job++) {
    const broken: Broken | null = await runJob(
      size,
      [...modules, ...(after === null ? [] : [`--after=${after}`])],
      outcomes,
    );
    if (broken === null) break;
    if (broken.during === null) throw new Error(broken.text);
    outcomes.set(broken.during, broken.text);
    after = broken.during;
  }
  return outcomes;
}

interface Broken {
  /** The case; null: before the first. */
  readonly during: string | null;
  readonly text: string;
}

async function runJob(
  size: number,
  args: readonly string[],
  outcomes: Map<string, Outcome>,
): Promise<Broken | null> {
  const { process: child, done } = start({
    args: ["-n", String(size), PROGRAM, ...args],
    timeoutMs: 300_000,
  });
  let isSilent = false;
  const silence = setTimeout(() => {
    isSilent = true;
    child.kill("SIGTERM");
  }, SILENCE_MS);
  let rest = "";
  let during: string | null = null;
  let isDone = false;
  let said: string[] = [];
  child.stdout.on("data", (text: string) => {
    silence.refresh();
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) read(line);
  });
  const { exitCode, stderr } = await done.finally(() => clearTimeout(silence));
  if (isDone && exitCode === 0) return null;
  const why = isSilent
    ? `nothing was heard for ${SILENCE_MS} ms`
    : `the job ended with exit code ${exitCode}`;
  return { during, text: [why, ...said, stderr].join("\n") };

  function read(text: string): void {
    if (!text.startsWith("{")) return;
    const line = JSON.parse(text) as Line;
    if (line.begins !== undefined && line.rank === 0) {
      during = line.begins;
      said = [];
    }
    if (line.fails !== undefined) said.push(`rank ${line.rank}: ${line.fails}`);
    if (line.ends !== undefined)
      outcomes.set(
        line.ends,
        line.failures!.length === 0
          ? null
          : line
              .failures!.map(({ rank, text }) => `rank ${rank}: ${text}`)
              .join("\n\n"),
      );
    if (line.done) isDone = true;
  }
}
