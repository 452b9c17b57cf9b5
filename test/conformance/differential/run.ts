import { join } from "node:path";
import { launch, type Launched } from "../../support/launch";

const PROGRAM = join(__dirname, "../differential.mts");

/** A call that gets no answer ends, and fails its sequence. */
const TIMEOUT_MS = "10000";

/** No sequence is longer. */
const MAX_STEPS = 14;

export interface Sequences {
  readonly ranks: number;
  readonly firstSeed: number;
  readonly count: number;
  readonly timeoutMs: number;
}

/** Runs these sequences. If one fails, throws an error with its seed and the fewest first steps of it that fail. */
export async function runSequences({
  ranks,
  firstSeed,
  count,
  timeoutMs,
}: Sequences): Promise<void> {
  const all = await job(
    ranks,
    ["--seed", firstSeed, "--count", count],
    timeoutMs,
  );
  if (isWell(all)) return;
  const seed = /^failed (\d+)$/m.exec(all.stdout)?.[1];
  if (seed === undefined)
    throw new Error(`no sequence failed, but the job: ${all.stderr}`);
  for (let steps = 0; steps <= MAX_STEPS; steps++) {
    const args = ["--seed", seed, "--steps", steps];
    const prefix = await job(ranks, args, 60_000);
    if (isWell(prefix)) continue;
    throw new Error(
      `with ${ranks} ranks the first ${steps} steps of sequence ${seed} fail; again:\n` +
        `  npx tsrun -n ${ranks} test/conformance/differential.mts ${args.join(" ")}\n` +
        `${prefix.stdout}${prefix.stderr}`,
    );
  }
  throw new Error(
    `with ${ranks} ranks sequence ${seed} failed once, and not again:\n${all.stderr}`,
  );
}

const isWell = ({ exitCode, stdout }: Launched): boolean =>
  exitCode === 0 && stdout.includes("done");

const job = (
  ranks: number,
  args: readonly (string | number)[],
  timeoutMs: number,
): Promise<Launched> =>
  launch({
    args: ["-n", String(ranks), PROGRAM, ...args.map(String)],
    env: { TSMPI_TIMEOUT_MS: TIMEOUT_MS },
    timeoutMs,
  });
