import { rmSync } from "node:fs";
import { join } from "node:path";
import { launch } from "../support/launch";
import { findWebGpu } from "../support/webgpu";

interface Trained {
  readonly backend: string;
  readonly isEqual: boolean;
  readonly left: number;
  readonly numbers: Readonly<Record<string, Numbers>>;
}
type Numbers = number | readonly Numbers[];

const found = findWebGpu();
const PROGRAM = join(__dirname, "programs/mlp.mts");

const train = async (engine: string): Promise<Trained> => {
  const { exitCode, stdout, stderr } = await launch({
    args: ["-n", "2", "--engine", engine, PROGRAM],
    ...found,
    timeoutMs: 90_000,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout) as Trained;
};

const flat = (numbers: Numbers): number[] =>
  typeof numbers === "number" ? [numbers] : numbers.flatMap(flat);

function largestDeviation(numbers: Numbers, expected: Numbers): number {
  const values = flat(numbers);
  const deviations = flat(expected).map((value, i) => values[i]! - value);
  expect(values).toHaveLength(deviations.length);
  return Math.max(...deviations.map(Math.abs));
}

if ("missing" in found) {
  // Not by the console: jest shows none of a suite that is skipped whole.
  process.stderr.write(`the webgpu engine is not tested: ${found.missing}\n`);
  test.skip(`the webgpu engine is not tested: ${found.missing}`, () => {});
} else
  describe("the webgpu engine", () => {
    afterAll(() => rmSync(found.cwd, { recursive: true, force: true }));

    test("trains, evaluates and predicts on 2 ranks as the cpu engine does, within 1e-4", async () => {
      const [webgpu, cpu] = [await train("webgpu"), await train("cpu")];
      expect(webgpu).toMatchObject({
        backend: "webgpu",
        isEqual: true,
        left: 0,
      });
      expect(cpu.backend).toBe("cpu");
      expect(Object.keys(webgpu.numbers)).toEqual(Object.keys(cpu.numbers));
      const deviations = Object.entries(cpu.numbers).map(
        ([name, expected]) =>
          [name, largestDeviation(webgpu.numbers[name]!, expected)] as const,
      );
      expect(deviations.filter(([, size]) => !(size <= 1e-4))).toEqual([]);
    }, 200_000);

    test("says what is missing where there is no Vulkan driver", async () => {
      const { exitCode, stderr } = await launch({
        args: ["-n", "2", "--engine", "webgpu", PROGRAM],
        cwd: found.cwd,
        env: { ...found.env, VK_ICD_FILENAMES: join(found.cwd, "none.json") },
      });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /EngineError: engine "webgpu" cannot be had: Dawn finds no GPU; .*Vulkan driver/,
      );
    }, 40_000);
  });
