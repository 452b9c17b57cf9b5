import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../support/launch";

const folder = join(__dirname, "../../examples");
const programs = readdirSync(folder).filter(
  (name) => name.endsWith(".ts") && !name.endsWith(".d.ts"),
);

/** What each example prints on three ranks, sorted; a new example needs a line here. */
const printed: Readonly<Record<string, readonly RegExp[]>> = {
  "hello.ts": [0, 1, 2].map(
    (rank) => new RegExp(`^Hello from rank ${rank} of 3 on \\S+$`),
  ),
  "pi.ts": [/^pi is about 3\.14159265\d+, error \d\.\de-\d+$/],
  "primes.ts": [/^41538 primes below 500000, counted by 2 workers$/],
  "resume.ts": [/^saved epoch 1$/, /^weights sha256 [0-9a-f]{64}$/],
  "ring.ts": [/^the token went rank 0 -> rank 1 -> rank 2 -> rank 0$/],
  "scatter-gather.ts": [
    /^82 letters in all$/,
    /^rank 0 counted \d+ letters in 8 words$/,
    /^rank 1 counted \d+ letters in 8 words$/,
    /^rank 2 counted \d+ letters in 8 words$/,
  ],
  "cnn-batchnorm.ts": [
    /^1 sets of weights on 3 ranks$/,
    /^validation accuracy 0\.[3-9]\d{3}$/,
  ],
  "custom-loop.ts": [
    /^accuracy 0\.\d{3}$/,
    /^epoch 10: loss 0\.\d{4}$/,
    /^epoch 5: loss 0\.\d{4}$/,
  ],
  "evaluate-predict.ts": [
    /^3 ranks predicted 2000 digits$/,
    /^first ones( \d){10}$/,
    /^test loss [\d.]+, accuracy 0\.[5-9]\d{3}$/,
    /^they are {3}\d( \d){9}$/,
  ],
  "lstm-text.ts": [
    /^".{20,}"$/,
    /^3 ranks, \d+ samples\/s$/,
    /^loss [34]\.\d{3}$/,
  ],
  "mnist.ts": [
    /^3 ranks, [\d.]+ s, \d+ samples\/s, [\d.]+ % of the time in communication$/,
    /^test accuracy 0\.\d{4}$/,
    /^weights sha256 [0-9a-f]{64}$/,
  ],
  "mnist-stream.ts": [
    /^3 ranks, scatter, [\d.]+ s, \d+ samples\/s, [\d.]+ % of the time waiting for input$/,
    /^epoch 0: each of 8,000 records in 16 files went to exactly one of 3 ranks; checksum [0-9a-f]{16}$/,
    /^test accuracy 0\.[89]\d{3}$/,
  ],
  "prepare-corpus.ts": [
    /^28 documents in 8 shards, 1700 tokens, 423 words, 0 tokens unknown, the longest document has 233$/,
    /^rank 0: \d+ documents, \d+ tokens$/,
    /^rank 1: \d+ documents, \d+ tokens$/,
    /^rank 2: \d+ documents, \d+ tokens$/,
  ],
};
const made = mkdtempSync(join(tmpdir(), "tsmpi-examples-"));
afterAll(() => rmSync(made, { recursive: true }));

/** Keeps the run short; the whole run is the README's first command. */
const args: Readonly<Record<string, readonly string[]>> = {
  "mnist.ts": ["--epochs", "1"],
  "cnn-batchnorm.ts": ["--epochs", "1", "--rows", "500"],
  "custom-loop.ts": ["--epochs", "10", "--rows", "301"],
  "evaluate-predict.ts": ["--epochs", "1", "--rows", "1000"],
  "resume.ts": [
    "--epochs",
    "1",
    "--rows",
    "100",
    "--dir",
    join(made, "resume"),
  ],
  "mnist-stream.ts": ["--epochs", "1", "--dir", join(made, "shards")],
  "prepare-corpus.ts": [
    ...["--text", join(__dirname, "../../LICENSE")],
    ...["--out", join(made, "corpus")],
  ],
  "lstm-text.ts": [
    ...["--text", join(__dirname, "../../LICENSE")],
    ...["--epochs", "1", "--steps", "4", "--units", "16", "--sample", "20"],
  ],
};

describe.each(programs)("examples/%s", (name) => {
  test("runs on three ranks and prints what it promises", async () => {
    const { exitCode, lines, stderr } = await launch({
      args: ["-n", "3", join(folder, name), ...(args[name] ?? [])],
    });
    expect({ exitCode, stderr: stderr.replace(/^epoch .*\n/gm, "") }).toEqual({
      exitCode: 0,
      stderr: "",
    });
    expect(printed[name]).toBeDefined();
    expect(lines).toHaveLength(printed[name]!.length);
    printed[name]!.forEach((pattern, i) => expect(lines[i]).toMatch(pattern));
  });

  test("begins with how to run it", () => {
    const [first] = readFileSync(join(folder, name), "utf8").split("\n");
    expect(first).toMatch(
      new RegExp(`^// .+ {2}npx tsrun -n 4 examples/${name}( --text FILE)?$`),
    );
  });
});

describe("examples/mnist.ts", () => {
  test("runs without a launcher as a world of one, and saves a model that loads", () => {
    const directory = mkdtempSync(join(tmpdir(), "tsmpi-mnist-"));
    try {
      const output = execFileSync(
        process.execPath,
        ["--import", "tsx", "mnist.ts", "--epochs", "1", "--save", directory],
        { encoding: "utf8", cwd: folder, stdio: ["ignore", "pipe", "ignore"] },
      );
      expect(output).toMatch(/^test accuracy 0\.9\d{3}$/m);
      expect(output).toMatch(/^1 ranks?, /m);
      expect(existsSync(join(directory, "weights.bin"))).toBe(true);

      const load = `const { tf } = require("tsmpi");
        tf.loadLayersModel("file://" + process.argv[1] + "/model.json").then((model) =>
          console.log(model.predict(tf.zeros([2, 28, 28, 1])).shape.join()));`;
      const loaded = execFileSync(process.execPath, ["-e", load, directory], {
        encoding: "utf8",
        cwd: folder,
      });
      expect(loaded).toBe("2,10\n");

      // Without us, in plain TensorFlow.js, which has no file:// of its own.
      const plain = `const tf = require("@tensorflow/tfjs");
        const { readFileSync } = require("node:fs");
        const { modelTopology, weightsManifest } = JSON.parse(readFileSync(process.argv[1] + "/model.json", "utf8"));
        const weightData = Uint8Array.from(readFileSync(process.argv[1] + "/weights.bin")).buffer;
        const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
        tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData })).then((model) =>
          console.log(model.predict(tf.zeros([2, 28, 28, 1])).shape.join(), Object.keys(require.cache).some((file) => file.includes("tsmpi"))));`;
      const without = execFileSync(process.execPath, ["-e", plain, directory], {
        encoding: "utf8",
        cwd: folder,
        stdio: ["ignore", "pipe", "ignore"],
      });
      expect(without.trim().split("\n").at(-1)).toBe("2,10 false");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
