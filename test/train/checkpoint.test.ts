import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, start } from "../support/launch";
import { describeEngines } from "../support/native-engine";

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

describeEngines(
  ["wasm", "cpu", "tensorflow"],
  "a checkpoint (engine %s)",
  (engine, env) => {
    let reports: Report[];
    beforeAll(async () => {
      const program = join(__dirname, "programs/checkpoint.mts");
      mkdirSync(join(folder, engine));
      const { exitCode, lines, stderr } = await launch({
        args: ["-n", "2", program, join(folder, engine)],
        env,
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      reports = lines.map((line) => JSON.parse(line) as Report);
      expect(reports).toHaveLength(2);
    });

    test.each([
      "sgd",
      "momentum",
      "rmsprop",
      "rmspropCentered",
      "adam",
      "adamAccumulating",
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
      expect(readdirSync(join(folder, engine, "kept")).sort()).toEqual([
        "checkpoint-00000003.safetensors",
        "checkpoint-00000004.safetensors",
      ]);
    });

    test.each([
      [
        "cut",
        "ERR_CHECKPOINT",
        /^….cut\.safetensors is cut short: it has 1500 bytes of \d+; load another one, or remove it to begin anew$/,
      ],
      ["headerOnly", "ERR_CHECKPOINT", /is cut short: it has \d+ bytes of \d+/],
      ["cutHeader", "ERR_CHECKPOINT", /is cut short: it has 100 bytes of/],
      ["empty", "ERR_CHECKPOINT", /is cut short: it has 0 bytes/],
      ["bit", "ERR_CHECKPOINT", /is damaged: its checksum is wrong/],
      ["longer", "ERR_CHECKPOINT", /is damaged: it has \d+ bytes instead of/],
      [
        "shape",
        "ERR_CHECKPOINT",
        /is damaged: its header is wrong about "model\/0/,
      ],
      [
        "foreign",
        "ERR_CHECKPOINT",
        /is no checkpoint of tsmpi: it has no check/,
      ],
      ["otherFormat", "ERR_CHECKPOINT", /is no checkpoint of tsmpi;/],
      [
        "newest",
        "ERR_CHECKPOINT",
        /damaged.checkpoint-00000002\.safetensors is cut short: .*; load the one before, ….damaged.checkpoint-00000001\.safetensors$/,
      ],
      ["noFile", "ERR_CHECKPOINT", /there is no file ….checkpoint-00000099/],
      [
        "noFolder",
        "ERR_CHECKPOINT",
        /cannot look for checkpoints in \/dev\/null\/x: .*; pass a folder/,
      ],
      ["text", "ERR_CHECKPOINT", /is no safetensors file/],
      [
        "version",
        "ERR_CHECKPOINT",
        /is a checkpoint of version 2; this tsmpi reads version 1/,
      ],
      [
        "model",
        "ERR_CHECKPOINT",
        /^rank 0: ….kept.checkpoint-00000004\.safetensors is of another model: its weight 0 is \S+ float32\[3, 4\] \(of 8\), this model's is \S+ float32\[3, 5\] \(of 8\); build the model/,
      ],
      [
        "rank1",
        "ERR_CHECKPOINT",
        /^rank 1: .*trained with Adam, this model is compiled with SGD/,
      ],
      [
        "frozen",
        "ERR_CHECKPOINT",
        /it trained weights 0, 1, 2, 3, 6, 7, this model trains 2, 3, 6, 7;/,
      ],
      [
        "optimizer",
        "ERR_CHECKPOINT",
        /trained with Adam, this model is compiled with SGD/,
      ],
      ["notCompiled", "ERR_ARG", /the model is not compiled/],
      ["extra", "ERR_ARG", /extra\.when is a Date/],
      ["epoch", "ERR_ARG", /epoch is -1/],
      ["rank1Epoch", "ERR_ARG", /rank 1: saveCheckpoint: epoch is 0\.5/],
      ["accumulating", "ERR_ARG", /gradients are being accumulated/],
      [
        "place",
        "ERR_CHECKPOINT",
        /cannot write a checkpoint into \/dev\/null\/x/,
      ],
    ])(
      "that is unfit (%s) is an error on every rank",
      (name, code, message) => {
        for (const { failures } of reports) {
          expect(failures[name]!.code).toBe(code);
          expect(failures[name]!.message).toMatch(message);
        }
      },
    );
  },
);

test("a job that is killed between two steps and started again ends with the weights of one that was not", async () => {
  const example = join(__dirname, "../../examples/resume.ts");
  const args = (dir: string, epochs: number, size = 3) => [
    ...["-n", String(size), example, "--rows", "1500"],
    ...["--epochs", String(epochs), "--dir", join(folder, dir)],
  ];
  const killed = start({ args: args("killed", 1_000) });
  await killed.printed(/^saved epoch 2$/gm, 1);
  killed.process.kill("SIGKILL");
  await killed.done;
  const names = readdirSync(join(folder, "killed"));
  const last = Math.max(...names.map((name) => Number(/\d+/.exec(name))));
  expect(last).toBeGreaterThanOrEqual(2);

  const [straight, again] = await Promise.all([
    launch({ args: args("straight", last + 2) }),
    launch({ args: args("killed", last + 2) }),
  ]);
  const sha256 = ({ stdout }: { stdout: string }) =>
    /^weights sha256 (\S+)$/m.exec(stdout)?.[1];
  expect(again.lines).toContain(`goes on behind epoch ${last}`);
  expect(sha256(straight)).toMatch(/^[0-9a-f]{64}$/);
  expect(sha256(again)).toBe(sha256(straight));

  const fewer = await launch({ args: args("killed", last + 3, 2) });
  expect(fewer.lines).toEqual([
    `goes on behind epoch ${last + 2}`,
    `saved epoch ${last + 3}`,
    expect.stringMatching(/^weights sha256/),
  ]);
});
