import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, start } from "../support/launch";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "tsmpi-checkpoint-"))));
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  readonly extra: unknown;
  readonly leaked: number;
  readonly resumed: Record<string, boolean>;
  readonly nothing: unknown[];
  readonly kept: string[];
  readonly failures: Record<string, { code?: string; message: string }>;
}

describe("a checkpoint", () => {
  let reports: Report[];
  beforeAll(async () => {
    const program = join(__dirname, "programs/checkpoint.mts");
    const { exitCode, lines, stderr } = await launch({
      args: ["-n", "2", program, folder],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    reports = lines.map((line) => JSON.parse(line) as Report);
    expect(reports).toHaveLength(2);
  });

  test.each([
    "sgd",
    "momentum",
    "rmsprop",
    "adam",
    "adamax",
    "adagrad",
    "adadelta",
  ])("of a training with %s is gone on from to the bit", (optimizer) => {
    for (const { resumed } of reports)
      for (const from of ["folder", "file"])
        expect(resumed[`${optimizer} from ${from}`]).toBe(true);
  });
  test("carries what the program adds, on every rank", () => {
    for (const { extra } of reports)
      expect(extra).toEqual({ name: "adadelta", list: [1, null, "ä"] });
  });
  test("leaves no tensor behind when it is loaded", () =>
    expect(reports.map(({ leaked }) => leaked)).toEqual([0, 0]));
  test("that is not there is null", () =>
    expect(reports.map(({ nothing }) => nothing)).toEqual([
      [null, null],
      [null, null],
    ]));
  test("makes room: the last ones are kept, and no temporary file", () => {
    for (const { kept } of reports)
      expect(kept).toEqual(
        [1, 2, 3, 4].map((n) => `/kept/checkpoint-0000000${n}.safetensors`),
      );
    expect(readdirSync(join(folder, "kept")).sort()).toEqual([
      "checkpoint-00000003.safetensors",
      "checkpoint-00000004.safetensors",
    ]);
  });

  test.each([
    [
      "cut",
      "ERR_CHECKPOINT",
      /^….cut\.safetensors is cut short: it has 1500 bytes of \d+; .*remove the file/,
    ],
    ["cutHeader", "ERR_CHECKPOINT", /is cut short: it has 100 bytes of/],
    ["empty", "ERR_CHECKPOINT", /is cut short: it has 0 bytes/],
    ["bit", "ERR_CHECKPOINT", /is damaged: its checksum is wrong/],
    ["longer", "ERR_CHECKPOINT", /is damaged: its checksum is wrong/],
    ["text", "ERR_CHECKPOINT", /is no safetensors file/],
    [
      "version",
      "ERR_CHECKPOINT",
      /is a checkpoint of version 2; this tsmpi reads version 1/,
    ],
    [
      "model",
      "ERR_CHECKPOINT",
      /is of another model: its weight 0 is \S+ float32\[3, 4\] .* this model's is \S+ float32\[3, 5\].*load the one before, …\/kept\/checkpoint-00000003/,
    ],
    [
      "optimizer",
      "ERR_CHECKPOINT",
      /trained with Adam, this model is compiled with SGD/,
    ],
    ["notCompiled", "ERR_ARG", /the model is not compiled/],
    ["extra", "ERR_ARG", /extra\.when is a Date/],
    ["epoch", "ERR_ARG", /epoch is -1/],
    [
      "place",
      "ERR_CHECKPOINT",
      /cannot write a checkpoint into \/dev\/null\/x/,
    ],
  ])("that is unfit (%s) is an error on every rank", (name, code, message) => {
    for (const { failures } of reports) {
      expect(failures[name]!.code).toBe(code);
      expect(failures[name]!.message).toMatch(message);
    }
  });
});

test("a job that is killed between two steps and started again ends with the weights of one that was not", async () => {
  const example = join(__dirname, "../../examples/resume.ts");
  const args = (dir: string) => [
    ...["-n", "3", example, "--epochs", "5", "--rows", "1500"],
    ...["--dir", join(folder, dir)],
  ];
  const killed = start({ args: args("killed") });
  await killed.printed(/^saved epoch 2$/gm, 1);
  killed.process.kill("SIGKILL");
  await killed.done;
  const [straight, again] = await Promise.all([
    launch({ args: args("straight") }),
    launch({ args: args("killed") }),
  ]);
  const sha256 = ({ stdout }: { stdout: string }) =>
    /^weights sha256 (\S+)$/m.exec(stdout)?.[1];
  expect(again.stdout).toMatch(/^goes on behind epoch [234]$/m);
  expect(sha256(straight)).toMatch(/^[0-9a-f]{64}$/);
  expect(sha256(again)).toBe(sha256(straight));
});
