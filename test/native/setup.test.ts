import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { TSRUN } from "../support/launch";
import { NATIVE_CACHE, nativeTest } from "../support/native-engine";

const native = nativeTest();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-setup-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function tsrun(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
) {
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [TSRUN, ...args],
    { encoding: "utf8", env: { ...process.env, ...env } },
  );
  return { status, stdout, stderr, wallMs: performance.now() - startMs };
}

/** A folder for PATH in which there is nothing but the named programs of this machine. */
function pathWith(...programs: readonly string[]): string {
  const path = join(folder, "bin");
  mkdirSync(path);
  for (const program of programs) {
    const found = (process.env.PATH ?? "")
      .split(delimiter)
      .map((directory) => join(directory, program))
      .find((file) => spawnSync(file, ["--version"]).status === 0);
    symlinkSync(found!, join(path, program));
  }
  return path;
}

describe("tsrun setup", () => {
  native("finds what is there, and that it trains, at once", () => {
    const { status, stdout, wallMs } = tsrun(["setup", "--dir", NATIVE_CACHE]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^was set up already: tensorflow 2\.21\.0 on cpu, in .*tensorflow-2\.21\.0-cpu-/,
    );
    expect(stdout).toMatch(
      /\d+ MB; loads in \d+ ms and trains; [\d.]+ s in all/,
    );
    expect(wallMs).toBeLessThan(15_000);
  });

  const refusals: readonly (readonly [
    string,
    (folder: string) => {
      readonly args?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    },
    RegExp,
  ])[] = [
    [
      "a machine without a compiler",
      () => ({ env: { PATH: pathWith("npm", "node") } }),
      /there is no C\+\+ compiler \(g\+\+, clang\+\+, c\+\+\); .* brings one/,
    ],
    [
      "a compiler that is none",
      () => ({ env: { CXX: "/nowhere/g++" } }),
      /CXX="\/nowhere\/g\+\+" is no C\+\+ compiler that can be run/,
    ],
    [
      "neither pip nor an index",
      () => ({
        env: {
          PATH: pathWith("npm", "node", "g++"),
          PIP_INDEX_URL: "http://127.0.0.1:1/simple",
        },
      }),
      /there is no pip here, and http:\/\/127\.0\.0\.1:1\/simple\/tensorflow-cpu\/ cannot be read: .*--from/,
    ],
    [
      "an index that answers otherwise",
      () => ({
        env: {
          PATH: pathWith("npm", "node", "g++"),
          PIP_INDEX_URL: "data:text/html,<a href='x'>",
        },
      }),
      /data:text\/html.* cannot be read: /,
    ],
    [
      "a pip without an index",
      () => ({
        env: {
          PIP_INDEX_URL: "http://127.0.0.1:1/simple",
          PIP_FIND_LINKS: "",
          PIP_RETRIES: "1",
        },
      }),
      /pip could not fetch tensorflow_cpu-2\.21\.0-.*: the index cannot be reached: .*; check pip config list/,
    ],
    [
      "an npm without a registry",
      () => ({
        env: {
          npm_config_registry: "http://127.0.0.1:1/",
          npm_config_fetch_retries: "0",
          npm_config_cache: join(folder, "npm"),
        },
      }),
      /npm could not fetch @tensorflow\/tfjs-node@4\.22\.0: .*; check npm config get registry, .*--from/,
    ],
    [
      "a wheel of another content",
      () => {
        const file =
          "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl";
        writeFileSync(join(folder, file), "no wheel");
        return { args: ["--from", folder] };
      },
      /checksum mismatch: tensorflow_cpu-2\.21\.0/,
    ],
    [
      "a tarball of another content",
      () => {
        const file = join(folder, "tensorflow-tfjs-node-4.22.0.tgz");
        writeFileSync(file, "no tarball");
        return { args: ["--from", file] };
      },
      /checksum mismatch: tensorflow-tfjs-node-4\.22\.0\.tgz has integrity sha512-/,
    ],
    [
      "a folder that is a file",
      () => {
        writeFileSync(join(folder, "file"), "");
        return { args: ["--dir", join(folder, "file")] };
      },
      /file'?; name a folder that you may write with --dir/,
    ],
    [
      "--gpu without a driver",
      () => ({
        args: ["--gpu"],
        env: { PATH: pathWith("npm", "node", "g++") },
      }),
      /--gpu needs an NVIDIA driver, and nvidia-smi is not there: .*without --gpu the CPU engine is set up/,
    ],
  ];

  test.each(refusals)(
    "refuses %s in one line that names the cure",
    (_, arrange, message) => {
      const { args = [], env = {} } = arrange(folder);
      const cache = join(folder, "cache");
      const { status, stdout, stderr } = tsrun(
        ["setup", "--dir", cache, ...args],
        env,
      );
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr.trim().split("\n").at(-1)).toMatch(message);
      expect(stderr).not.toContain("    at ");
    },
  );

  test("refuses a disk that is too full", () => {
    const mounted = join(folder, "small");
    mkdirSync(mounted);
    const mount = spawnSync("mount", [
      ...["-t", "tmpfs", "-o", "size=20m", "tmpfs", mounted],
    ]);
    if (mount.status !== 0)
      return console.warn(
        "not checked with a full disk: this user may not mount one",
      );
    try {
      const { status, stderr } = tsrun(["setup", "--dir", mounted]);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /the disk of .*small is full: 1\.2 GB are needed for a moment, 0\.0 GB are free; make room, or name a folder on another disk/,
      );
    } finally {
      spawnSync("umount", [mounted]);
    }
  });

  test.each([
    [["setup", "--gpus"], "unknown flag --gpus; did you mean --gpu?"],
    [["setup", "now"], 'tsrun setup takes flags only, and "now" is none'],
    [["setup", "--stock", "--gpu"], "--stock runs tfjs-node's own installer"],
    [["doctor", "--engine", "tensorflw"], 'did you mean "tensorflow"?'],
    [["doctor", "--device", "tpu"], 'unknown --device "tpu"'],
  ])("%j is a usage error", (args, message) => {
    const { status, stderr } = tsrun(args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test("--remove takes away what setup made, and nothing else", () => {
    for (const name of ["tensorflow-1-cpu-x", "downloads", ".setup-me-1"])
      mkdirSync(join(folder, name));
    writeFileSync(join(folder, "mine"), "");
    expect(tsrun(["setup", "--remove", "--dir", folder]).status).toBe(0);
    expect(readdirSync(folder)).toEqual(["mine"]);
  });
});

describe("tsrun doctor", () => {
  const doctor = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) => {
    const { status, stdout } = tsrun(["doctor", "--json", ...args], env);
    return { status, facts: JSON.parse(stdout) as Record<string, unknown> };
  };

  test("tells what there is, and how to get better", () => {
    const { status, facts } = doctor([], { TSMPI_CACHE_DIR: folder });
    expect(status).toBe(0);
    expect(facts).toMatchObject({
      node: process.versions.node,
      engine: {
        name: "wasm",
        device: "cpu",
        version: "4.22.0",
        why: 'engine "tensorflow" cannot be had: native TensorFlow is not set up; npx tsrun setup',
      },
      engines: [],
      cpu: { cores: expect.any(Number) as number },
      zeromq: { version: expect.stringMatching(/^4\.3/) as string },
      limits: { "Max open files": expect.any(Number) as number },
    });
    expect(facts.problems).toContainEqual({
      problem: "it trains on wasm, not on native TensorFlow",
      cure: "npx tsrun setup",
    });
  });

  native("passes native TensorFlow that trains", () => {
    const { status, facts } = doctor([], { TSMPI_CACHE_DIR: NATIVE_CACHE });
    expect(status).toBe(0);
    expect(facts).toMatchObject({
      engine: { name: "tensorflow", device: "cpu", version: "2.21.0" },
      engineProblem: null,
      engines: [{ build: "cpu", tensorflow: "2.21.0" }],
    });
  });

  test("fails where the engine that is asked for does not train", () => {
    const env = { TSMPI_CACHE_DIR: folder };
    const { status, facts } = doctor(["--engine", "tensorflow"], env);
    expect(status).toBe(1);
    expect(facts.engine).toBeNull();
    expect(facts.engineProblem).toContain("npx tsrun setup");
    expect(doctor(["--device", "gpu"], env).status).toBe(1);
  });

  native("says what is wrong with a damaged engine, and jobs go on", () => {
    cpSync(NATIVE_CACHE, folder, {
      recursive: true,
      filter: (path) => !/libtensorflow_\w+\.(so\.2|2\.dylib)$/.test(path),
    });
    const env = { TSMPI_CACHE_DIR: folder };
    const { facts } = doctor(["--engine", "tensorflow"], env);
    expect(facts.engineProblem).toMatch(
      /does not load \(libtensorflow_cc.* cannot open .*\); npx tsrun setup --force makes it anew/,
    );
    expect(doctor([], env)).toMatchObject({
      status: 0,
      facts: { engine: { name: "wasm" } },
    });
  });

  test("reads the GPUs of a machine that has them, and gives each rank its own", () => {
    const bin = pathWith("node");
    const recorded = join(bin, "nvidia-smi");
    writeFileSync(
      recorded,
      `#!/bin/sh
case "$1" in
  --query-gpu=index,uuid,name,memory.total,compute_cap,driver_version)
    echo "0, GPU-1f1c1a58-55f2-0c2c-4f0b-3a6b1c9be0a1, NVIDIA H200, 143771, 9.0, 580.159.03"
    echo "1, GPU-7c0e2e0c-91a4-63a5-8dcb-1d9c2f3a4b5c, NVIDIA H200, 143771, 9.0, 580.159.03" ;;
  *) echo "| NVIDIA-SMI 580.159.03   Driver Version: 580.159.03   CUDA Version: 13.0 |" ;;
esac
`,
    );
    chmodSync(recorded, 0o755);
    const env = { PATH: `${bin}${delimiter}${process.env.PATH}` };
    const { facts } = doctor([], { ...env, TSMPI_CACHE_DIR: folder });
    expect(facts).toMatchObject({
      gpus: {
        cuda: "13.0",
        gpus: [
          { index: 0, name: "NVIDIA H200", memoryMiB: 143771 },
          { index: 1, computeCapability: "9.0", driver: "580.159.03" },
        ],
        ofRanks: ["0", "1"],
      },
      problems: expect.arrayContaining([
        { problem: "the GPUs are not used", cure: "npx tsrun setup --gpu" },
      ]) as unknown,
    });

    const program = join(folder, "gpu.js");
    writeFileSync(
      program,
      "console.log(process.env.RANK, process.env.CUDA_VISIBLE_DEVICES)",
    );
    const job = (...args: string[]) => {
      const { stdout, stderr } = tsrun(["-n", "3", ...args, program], env);
      return { ranks: stdout.trim().split("\n").sort(), stderr };
    };
    expect(job()).toEqual({
      ranks: ["0 0", "1 1", "2 0"],
      stderr: "tsrun: 3 ranks on 2 GPUs: some share one, and its memory\n",
    });
    expect(job("--gpus", "1")).toMatchObject({ ranks: ["0 1", "1 1", "2 1"] });
    expect(job("--device", "cpu")).toEqual({
      ranks: ["0 undefined", "1 undefined", "2 undefined"],
      stderr: "",
    });
    expect(job("--gpus", "0,5").stderr).toContain(
      "--gpus 0,5: there is no GPU 5; there are: 0, 1",
    );
  });
});
