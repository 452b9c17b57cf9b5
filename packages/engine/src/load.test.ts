import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What a process loads and prints only a process of its own can show; it runs the built package. */
const PACKAGE = join(__dirname, "..");
const TFJS = dirname(require.resolve("@tensorflow/tfjs/package.json"));

const TFJS_CORE = dirname(
  require.resolve("@tensorflow/tfjs-core/package.json"),
);
const TFJS_WASM = dirname(
  require.resolve("@tensorflow/tfjs-backend-wasm/package.json"),
);

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "tsmpi-engine-")));
  install("@tsmpi/engine", PACKAGE);
  install("@tensorflow/tfjs", TFJS);
  install("@tensorflow/tfjs-backend-wasm", TFJS_WASM);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

interface Files {
  readonly main: string;
  readonly version?: string;
}

/** Puts a link to a folder, or a package of one file, where programs of this test find it. */
function install(name: string, folder: string): void;
function install(name: string, files: Files): void;
function install(name: string, what: string | Files): void {
  const path = join(directory, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  if (typeof what === "string") return symlinkSync(what, path);
  mkdirSync(path);
  const { main, version } = what;
  writeFileSync(join(path, "package.json"), JSON.stringify({ name, version }));
  writeFileSync(join(path, "index.js"), main);
}

interface RunOptions {
  readonly engine?: string;
  readonly file?: "program.cjs" | "program.mjs";
}

function run(
  program: string,
  { engine, file = "program.cjs" }: RunOptions = {},
) {
  const path = join(directory, file);
  writeFileSync(path, program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], {
    encoding: "utf8",
    cwd: tmpdir(),
    env: {
      PATH: process.env.PATH,
      TSMPI_CACHE_DIR: directory,
      ...(engine && { TSMPI_ENGINE: engine }),
    },
  });
  return { status, stdout, stderr };
}

/** Runs a program that prints one JSON value and nothing else. */
function evaluate(program: string, options?: RunOptions): unknown {
  const { status, stdout, stderr } = run(program, options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as unknown;
}

const DESCRIBE = `
  const { loadEngine } = require("@tsmpi/engine");
  const { name, device, version, why, tf } = loadEngine();
  console.log(JSON.stringify({
    name, device, version, why, backend: tf.getBackend(), sum: [...tf.tensor([1, 2]).add(1).dataSync()],
  }));`;

const WORKING_TFJS_NODE = `
  require("util").isNullOrUndefined(1);
  const tf = require("@tensorflow/tfjs");
  const backend = Object.assign(Object.create(tf.findBackend("cpu")), { isUsingGpuDevice: true, firstUse: false });
  tf.registerBackend("tensorflow", () => backend, 3);
  tf.copyRegisteredKernels("cpu", "tensorflow");
  tf.setBackend("tensorflow");
  module.exports = { ...tf, node: {}, version: { ...tf.version, "tfjs-node": "4.22.0" } };`;

describe("tf", () => {
  test.each(["wasm", "cpu", "auto"])(
    "tf computes on the first line, without an await, and prints nothing: %s",
    (engine) => {
      const program = `
        const { tf } = require("@tsmpi/engine");
        const sum = [...tf.tensor([1, 2]).add(1).dataSync()];
        tf.ready().then(async () => {
          const set = await tf.setBackend(tf.getBackend());
          console.log(JSON.stringify({ sum, set, product: [...tf.tensor([3]).mul(2).dataSync()] }));
        });`;
      expect(evaluate(program, { engine })).toEqual({
        sum: [2, 3],
        set: true,
        product: [6],
      });
    },
  );

  test("tf loads nothing before one of its properties is read", () => {
    const program = `
      const engine = require("@tsmpi/engine");
      const modules = () => Object.keys(require.cache).filter((path) => path.includes("tensorflow") ).length;
      const { tf, ENGINE_NAMES } = engine;
      const before = { modules: modules(), loaded: engine.loadedEngine(), names: ENGINE_NAMES };
      tf.tensor;
      console.log(JSON.stringify({ before, after: modules() > 0 && engine.loadedEngine() !== null }));`;
    expect(evaluate(program)).toEqual({
      before: {
        modules: 0,
        loaded: null,
        names: ["auto", "tensorflow", "wasm", "cpu", "webgpu"],
      },
      after: true,
    });
  });

  test("import of another name from an ES module loads nothing", () => {
    const program = `
      import { loadedEngine, ENGINE_NAMES, tf } from "@tsmpi/engine";
      import { createRequire } from "node:module";
      const { cache } = createRequire(import.meta.url);
      const modules = () => Object.keys(cache).filter((path) => path.includes("tfjs")).length;
      console.log(JSON.stringify([loadedEngine(), modules(), typeof tf, ENGINE_NAMES.length]));`;
    expect(evaluate(program, { file: "program.mjs" })).toEqual([
      null,
      0,
      "object",
      5,
    ]);
  });

  test("tf answers in, keys and destructuring like the module, and takes no assignment", () => {
    const program = `
      "use strict";
      const { tf } = require("@tsmpi/engine");
      const { layers, tensor, ...others } = tf;
      let assigned = true;
      try { tf.tensor = null; } catch { assigned = false; }
      console.log(JSON.stringify({
        has: ["tensor" in tf, "nothing" in tf],
        same: Object.keys(tf).join() === Object.keys(require("@tensorflow/tfjs")).join(),
        destructured: [typeof layers.dense, typeof tensor, typeof others.train],
        missing: Object.getOwnPropertyDescriptor(tf, "nothing") === undefined,
        assigned,
      }));`;
    expect(evaluate(program)).toEqual({
      has: [true, false],
      same: true,
      destructured: ["function", "function", "function"],
      missing: true,
      assigned: false,
    });
  });

  test("tf is one with the TensorFlow.js that the program imports or requires itself", () => {
    const program = `
      import * as imported from "@tensorflow/tfjs";
      import { createRequire } from "node:module";
      import { tf } from "@tsmpi/engine";
      const required = createRequire(import.meta.url)("@tensorflow/tfjs");
      const backend = tf.getBackend();
      console.log(JSON.stringify({
        engine: imported.engine() === tf.engine() && required.engine() === tf.engine(),
        tensor: imported.tensor([1]) instanceof tf.Tensor && tf.Tensor === required.Tensor,
        layer: imported.layers.Layer === tf.layers.Layer,
        backends: [backend, imported.getBackend(), required.getBackend()],
      }));`;
    expect(evaluate(program, { file: "program.mjs", engine: "wasm" })).toEqual({
      engine: true,
      tensor: true,
      layer: true,
      backends: ["wasm", "wasm", "wasm"],
    });
  });

  test("tf keeps tensors that the program made before on another backend", () => {
    const program = `
      const own = require("@tensorflow/tfjs");
      own.setBackend("cpu");
      own.backend().firstUse = false;
      const x = own.tensor([1, 2]);
      const { tf } = require("@tsmpi/engine");
      console.log(JSON.stringify([own.getBackend(), [...tf.add(x, 1).dataSync()], own.getBackend()]));`;
    expect(evaluate(program, { engine: "wasm" })).toEqual([
      "cpu",
      [2, 3],
      "wasm",
    ]);
  });
});

describe("an uncaught error with the wasm engine", () => {
  test.each([
    ["thrown", `throw new Error("mine");`],
    ["of a promise", `Promise.reject(new Error("mine"));`],
  ])("%s ends the program with exit code 1 and a short report", (_, line) => {
    const { status, stderr } = run(
      `require("@tsmpi/engine").tf.zeros([1]).dataSync();\n${line}`,
      { engine: "wasm" },
    );
    expect(status).toBe(1);
    expect(stderr).toContain("Error: mine");
    expect(stderr.length).toBeLessThan(2000);
  });

  test("loadEngine leaves the program's own listeners alone", () => {
    const program = `
      process.on("uncaughtException", () => console.log(process.listenerCount("unhandledRejection")));
      require("@tsmpi/engine").loadEngine();
      throw new Error("mine");`;
    expect(evaluate(program, { engine: "wasm" })).toBe(0);
  });
});

describe("loadEngine", () => {
  test("loadEngine takes wasm where tfjs-node is not installed, and says so", () => {
    expect(evaluate(DESCRIBE)).toEqual({
      name: "wasm",
      device: "cpu",
      version: "4.22.0",
      why: 'engine "tensorflow" cannot be had: native TensorFlow is not set up; npx tsrun setup',
      backend: "wasm",
      sum: [2, 3],
    });
  });

  test("loadEngine takes the tfjs-node that is installed beside the program", () => {
    install("@tensorflow/tfjs-node", { main: WORKING_TFJS_NODE });
    expect(evaluate(DESCRIBE)).toEqual({
      name: "tensorflow",
      device: "gpu",
      version: "4.22.0",
      why: "it is the fastest engine there is",
      backend: "tensorflow",
      sum: [2, 3],
    });
  });

  test("loadEngine prefers tfjs-node-gpu, and takes tfjs-node if that does not load", () => {
    install("@tensorflow/tfjs-node-gpu", {
      main: `throw new Error("no CUDA")`,
    });
    install("@tensorflow/tfjs-node", { main: WORKING_TFJS_NODE });
    expect(evaluate(DESCRIBE)).toMatchObject({ name: "tensorflow" });
  });

  test("loadEngine falls back to wasm if the binding of tfjs-node does not load, and gives the reason", () => {
    install("@tensorflow/tfjs-node", {
      main: `require("@tensorflow/tfjs"); throw new Error("libtensorflow.so.2: cannot open shared object file\\nand a long tail");`,
    });
    expect(evaluate(DESCRIBE)).toMatchObject({
      name: "wasm",
      why: expect.stringMatching(
        /tfjs-node is installed but does not load \(libtensorflow\.so\.2: cannot open shared object file\); npm uninstall it and npx tsrun setup/,
      ) as string,
      sum: [2, 3],
    });
  });

  test("loadEngine refuses a tfjs-node that brings a TensorFlow.js of its own, and gives the reason", () => {
    install("@tensorflow/tfjs-node", { main: WORKING_TFJS_NODE });
    install("@tensorflow/tfjs-node/node_modules/@tensorflow/tfjs", {
      main: `throw new Error("was loaded")`,
    });
    expect(evaluate(DESCRIBE)).toMatchObject({
      name: "wasm",
      why: expect.stringContaining("a TensorFlow.js of its own") as string,
    });
  });

  test("loadEngine falls back to cpu without WebAssembly, and prints nothing", () => {
    expect(
      evaluate(`delete globalThis.WebAssembly; ${DESCRIBE}`),
    ).toMatchObject({
      name: "cpu",
      why: expect.stringContaining("without WebAssembly") as string,
      sum: [2, 3],
    });
  });

  test("loadEngine throws EngineError naming the cure if the engine that was asked for cannot be had", () => {
    const { status, stderr } = run(DESCRIBE, { engine: "tensorflow" });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /EngineError: engine "tensorflow" cannot be had: native TensorFlow is not set up; npx tsrun setup/,
    );
    expect(stderr).toContain("ERR_ENGINE");
  });

  test("loadEngine throws UnknownNameError listing the engines for a name that is not registered", () => {
    const { status, stderr } = run(DESCRIBE, { engine: "wasn" });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /UnknownNameError: unknown engine "wasn"; did you mean "wasm"\? there are: auto, tensorflow, wasm, cpu, webgpu/,
    );
  });

  test("loadEngine gives the same engine again, and refuses another one", () => {
    const program = `
      const { loadEngine } = require("@tsmpi/engine");
      const engine = loadEngine({ engine: "wasm" });
      const same = [undefined, {}, { engine: "auto" }, { engine: "wasm" }].map((options) => loadEngine(options) === engine);
      let message;
      try { loadEngine({ engine: "cpu" }); } catch (error) { message = error.code + " " + error.message; }
      console.log(JSON.stringify({ same, message }));`;
    expect(evaluate(program)).toEqual({
      same: [true, true, true, true],
      message: expect.stringMatching(
        /^ERR_ENGINE engine "cpu" cannot be had: "wasm" computes in this process already/,
      ) as string,
    });
  });

  test("loadEngine prefers its option to TSMPI_ENGINE, and later calls without one follow", () => {
    const program = `
      const { loadEngine, tf } = require("@tsmpi/engine");
      console.log(JSON.stringify([loadEngine({ engine: "cpu" }).name, loadEngine().name, tf.getBackend()]));`;
    expect(evaluate(program, { engine: "wasm" })).toEqual([
      "cpu",
      "cpu",
      "cpu",
    ]);
  });

  test("loadEngine keeps a wasm backend that the program started itself, its tensors, and mends it", () => {
    const program = `
      const own = require("@tensorflow/tfjs");
      require("@tensorflow/tfjs-backend-wasm");
      own.setBackend("wasm").then(() => {
        const x = own.tensor([1, 2]);
        const { loadEngine } = require("@tsmpi/engine");
        const { tf } = loadEngine({ engine: "wasm" });
        const square = (w) => tf.conv2d(tf.ones([1, 3, 3, 1]), w, 1, "valid").sum();
        const gradient = tf.grad(square)(tf.ones([2, 2, 1, 1]));
        console.log(JSON.stringify([[...x.add(1).dataSync()], [...gradient.dataSync()]]));
      });`;
    expect(evaluate(program)).toEqual([
      [2, 3],
      [4, 4, 4, 4],
    ]);
  });

  test("onEngineLoaded calls back once, whether it is asked before or after", () => {
    const program = `
      const { loadEngine, onEngineLoaded } = require("@tsmpi/engine");
      const calls = [];
      onEngineLoaded(({ name }) => calls.push("before " + name));
      loadEngine({ engine: "cpu" });
      loadEngine();
      onEngineLoaded(({ name }) => calls.push("after " + name));
      console.log(JSON.stringify(calls));`;
    expect(evaluate(program)).toEqual(["before cpu", "after cpu"]);
  });
});

/** What a machine with a GPU does only test/train/webgpu.test.ts can show; this is what goes wrong on others. */
describe("the webgpu engine", () => {
  /** A `webgpu` whose GPU hands out what `adapter` and `device` are, expressions of promises. */
  const dawn = ({ adapter = "", device = "" }): Files => ({
    version: "0.6.2",
    main: `
      class GPUAdapter { info = { device: "fake" }; features = new Set(); limits = {}; requestDevice() { return ${device}; } }
      class GPUDevice {
        createBuffer({ size }) { return { size, mapState: "pending", mapAsync: () => new Promise(() => {}) }; }
      }
      module.exports = { globals: { GPUAdapter, GPUDevice }, create: () => ({ requestAdapter: () => ${adapter} }) };`,
  });
  const ADAPTER = "Promise.resolve(new GPUAdapter())";
  const BACKEND: Files = { version: "4.22.0", main: "" };

  const failure = (webgpu: Files | null, backend: Files | null): string => {
    install("@tensorflow/tfjs-core", TFJS_CORE);
    if (webgpu) install("webgpu", webgpu);
    if (backend) install("@tensorflow/tfjs-backend-webgpu", backend);
    const { status, stdout, stderr } = run(
      `try { require("@tsmpi/engine").loadEngine(); } catch (error) { console.log(error.code, error.message); }`,
      { engine: "webgpu" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^ERR_ENGINE engine "webgpu" cannot be had: /);
    return stdout;
  };
  const CURE =
    "npm install webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0";

  test.each<[string, string, Files | null, Files | null]>([
    ["nothing is installed", "webgpu is not installed", null, null],
    [
      "half is installed",
      "@tensorflow/tfjs-backend-webgpu is not installed",
      dawn({}),
      null,
    ],
    [
      "another version is installed",
      "webgpu is installed in version 0.4.0",
      { ...dawn({}), version: "0.4.0" },
      BACKEND,
    ],
    [
      "Dawn does not load",
      "webgpu is installed but does not load (GLIBCXX_3.4.32 not found)",
      {
        version: "0.6.2",
        main: `throw new Error("GLIBCXX_3.4.32 not found\\nand a long tail")`,
      },
      BACKEND,
    ],
  ])("says what to install where %s", (_, reason, webgpu, backend) => {
    const message = failure(webgpu, backend);
    expect(message).toContain(reason);
    expect(message).toContain(CURE);
  });

  test("refuses a backend that brings a TensorFlow.js of its own", () => {
    install("@tensorflow/tfjs-backend-webgpu", BACKEND);
    install(
      "@tensorflow/tfjs-backend-webgpu/node_modules/@tensorflow/tfjs-core",
      { main: `throw new Error("was loaded")` },
    );
    expect(failure(dawn({}), null)).toContain("a TensorFlow.js of its own");
  });

  test("says that a driver is missing where there is no GPU", () => {
    const webgpu = dawn({ adapter: "Promise.resolve(null)" });
    expect(failure(webgpu, BACKEND)).toContain("Vulkan driver");
  });

  test("says which GPU does not start, and why", () => {
    const device = `Promise.reject(new Error("too many devices"))`;
    expect(failure(dawn({ adapter: ADAPTER, device }), BACKEND)).toMatch(
      /the GPU fake does not start: .*too many devices/s,
    );
  });

  test("says that Dawn cannot be read if it waits in a way of its own", () => {
    const device = "Promise.resolve(new GPUDevice())";
    expect(failure(dawn({ adapter: ADAPTER, device }), BACKEND)).toContain(
      "this version of Dawn cannot be read without an await",
    );
  });

  test("is not loaded unless it is asked for", () => {
    install("@tensorflow/tfjs-core", TFJS_CORE);
    for (const [name, version] of [
      ["webgpu", "0.6.2"],
      ["@tensorflow/tfjs-backend-webgpu", "4.22.0"],
    ] as const)
      install(name, { version, main: `throw new Error("was loaded")` });
    expect(
      evaluate(`delete globalThis.WebAssembly; ${DESCRIBE}`),
    ).toMatchObject({ name: "cpu" });
  });

  test("refuses a backend that the program has started itself", () => {
    const program = `
      const tf = require("@tensorflow/tfjs");
      tf.registerBackend("webgpu", () => Object.assign(Object.create(tf.findBackend("cpu")), { firstUse: false }));
      tf.setBackend("webgpu");
      try { require("@tsmpi/engine").loadEngine(); } catch (error) { console.log(JSON.stringify(error.message)); }`;
    expect(evaluate(program, { engine: "webgpu" })).toContain(
      "has started TensorFlow.js' webgpu backend itself",
    );
  });
});
