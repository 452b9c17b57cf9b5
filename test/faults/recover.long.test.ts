import { join } from "node:path";
import { launch } from "../support/launch";

const PROGRAM = join(__dirname, "programs/recover.mts");
const RANKS = 5;
const SEEDS = 50;

test(`${SEEDS} jobs whose ranks are killed at random moments go on with those that are left`, async () => {
  let calls = 0;
  let killed = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { stdout, stderr, exitCode } = await launch({
      args: ["-n", String(RANKS), "--recovery", PROGRAM],
      env: { SEED: String(seed) },
      timeoutMs: 60_000,
    });
    if (exitCode !== 0) throw new Error(`SEED=${seed}: ${stderr}`);
    const end = JSON.parse(stdout) as Record<string, number>;
    expect({ seed, left: end.left }).toEqual({
      seed,
      left: RANKS - end.victims!,
    });
    calls += end.calls!;
    killed += end.victims!;
  }
  console.log(`${killed} ranks killed, ${calls} calls ended well`);
});
