// Random sequences of calls against a model of one process, which every rank evaluates itself:
//   npx tsrun -n 3 test/conformance/differential.mts --seed 1 --count 500
// One sequence, or its first steps:
//   npx tsrun -n 3 test/conformance/differential.mts --seed 17 --steps 4
import { parseArgs } from "node:util";
import { MPI } from "tsmpi";
import { play, sequence } from "./differential/sequence.mts";

/** Of what two long arrays differ in, the beginning says enough. */
const MAX_TEXT = 800;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1" },
    steps: { type: "string", default: "1000" },
  },
});
const firstSeed = Number(values.seed);
const count = Number(values.count);
const world = MPI.COMM_WORLD;

for (let seed = firstSeed; seed < firstSeed + count; seed++) {
  const steps = sequence(seed, world.size).slice(0, Number(values.steps));
  try {
    await play(steps, world, seed);
  } catch (error) {
    const list = steps.map(({ text }, at) => `  ${at + 1}. ${text}`).join("\n");
    const { message } = error as Error;
    console.log(`failed ${seed}`);
    throw new Error(
      `sequence ${seed}, ${message.slice(0, MAX_TEXT)}\nThe sequence:\n${list}`,
    );
  }
}
if (world.rank === 0) console.log(`done ${count}`);
