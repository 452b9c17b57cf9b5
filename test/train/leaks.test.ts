import { join } from "node:path";
import { launch } from "../support/launch";

const train = (...args: string[]) => {
  const program = join(__dirname, "programs/leaky.mts");
  return launch({ args: ["-n", "2", "--check-leaks", program, ...args] });
};

describe("tsrun --check-leaks", () => {
  test("names rank, step and count when steps leave tensors behind", async () => {
    const { exitCode, stderr } = await train();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /LeakError: .*rank 1: each step since step 2 leaves 1 tensors behind \(\d+ at step 2, \d+ at step 7\)/,
    );
  });
  test("says nothing when they do not", async () => {
    const { exitCode, stderr, lines } = await train("clean");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(lines).toEqual(["rank 0 is done", "rank 1 is done"]);
  });
});
