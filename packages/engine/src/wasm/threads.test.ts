import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shortenSpin } from "./shorten-spin";

/** Threads need a process of their own; it runs the built package. */
const ENGINE = JSON.stringify(join(__dirname, "../.."));

function run(program: string, threads: number) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["-e", `const { tf } = require(${ENGINE}); tf.tensor; ${program}`],
    {
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        TSMPI_ENGINE: "wasm",
        OMP_NUM_THREADS: String(threads),
      },
    },
  );
  return { status, stdout, stderr };
}

function evaluate(program: string, threads: number): unknown {
  const { status, stdout, stderr } = run(program, threads);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as unknown;
}

const DESCRIBE = `
  const { getThreadsCount } = require(require.resolve("@tensorflow/tfjs-backend-wasm", { paths: [${ENGINE}] }));
  const { constructor } = tf.backend().wasm.HEAPU8.buffer;
  const listeners = ["uncaughtException", "unhandledRejection", "exit"].map((name) => process.listenerCount(name));
  console.log(JSON.stringify({ threads: getThreadsCount(), memory: constructor.name, listeners, worker: typeof Worker }));`;

describe("the wasm engine", () => {
  test.each([
    [1, 1, "ArrayBuffer"],
    [2, 2, "SharedArrayBuffer"],
    [3, 3, "SharedArrayBuffer"],
    [99, 8, "SharedArrayBuffer"],
  ])(
    "where %i are wanted, starts with %i threads, without an await, a listener or a word, and the process ends",
    (wanted, threads, memory) => {
      const { listeners } = evaluate(
        `console.log(JSON.stringify({ listeners: ["uncaughtException", "unhandledRejection", "exit"].map((name) => process.listenerCount(name)) }))`,
        1,
      ) as { listeners: number[] };
      expect(evaluate(DESCRIBE, wanted)).toEqual({
        ...{ threads, memory, listeners, worker: "undefined" },
      });
    },
  );

  test("takes the same steps with any number of threads, to the bit", () => {
    const program = `
      const seed = 1;
      const glorot = () => tf.initializers.glorotNormal({ seed });
      const model = tf.sequential({ layers: [
        tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: "relu", inputShape: [14, 14, 3], kernelInitializer: glorot() }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 64, activation: "relu", kernelInitializer: glorot() }),
        tf.layers.dense({ units: 10, activation: "softmax", kernelInitializer: glorot() }),
      ] });
      model.compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
      const x = tf.randomNormal([32, 14, 14, 3], 0, 1, "float32", seed);
      const y = tf.oneHot(tf.range(0, 32, 1, "int32").mod(10).toInt(), 10);
      (async () => {
        const losses = [];
        for (let i = 0; i < 4; i++) losses.push(await model.trainOnBatch(x, y));
        console.log(JSON.stringify([losses, ...model.getWeights().map((weight) => [...weight.dataSync()])]));
      })();`;
    const alone = evaluate(program, 1);
    expect(evaluate(program, 2)).toEqual(alone);
    expect(evaluate(program, 4)).toEqual(alone);
  });

  test("computes with a heap that has grown under its threads", () => {
    const program = `
      const sums = [];
      const kept = [];
      for (let i = 1; i <= 6; i++) {
        const side = 400 * i;
        kept.push(tf.ones([side, side]));
        sums.push(tf.matMul(kept.at(-1), tf.ones([side, 8])).min().dataSync()[0]);
      }
      console.log(JSON.stringify(sums));`;
    expect(evaluate(program, 2)).toEqual([400, 800, 1200, 1600, 2000, 2400]);
  });

  test.each([
    ["thrown", `throw new Error("mine");`],
    ["of a promise", `Promise.reject(new Error("mine"));`],
  ])(
    "with threads leaves an uncaught error (%s) its exit code 1 and its report",
    (_, line) => {
      const { status, stderr } = run(
        `tf.matMul(tf.ones([99, 99]), tf.ones([99, 99])).dataSync(); ${line}`,
        2,
      );
      expect(status).toBe(1);
      expect(stderr).toContain("Error: mine");
      expect(stderr.length).toBeLessThan(2000);
    },
  );
});

test("shortenSpin finds the three waits of the library, and leaves any other as it is", () => {
  const path =
    require.resolve("@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm");
  const library = readFileSync(path);
  const shortened = shortenSpin(readFileSync(path));
  const different = library.filter((byte, at) => byte !== shortened[at]);
  expect(shortened.length).toBe(library.length);
  expect(different.length).toBe(9);
  const other = Buffer.from([0x41, 0xc0, 0x84, 0x3d]);
  expect(shortenSpin(Buffer.from(other))).toEqual(other);
});
