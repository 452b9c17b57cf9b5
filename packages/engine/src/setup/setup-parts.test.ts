import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoryName, installedEngines } from "../native/installed";
import { linkTo } from "./fetch-wheel";
import { givenFiles } from "./given-files";
import { RECIPE_PLATFORMS, recipeFor, wheelsOf } from "./recipe";
import { needDriver, needRecipe } from "./requirements";
import { openStaging } from "./staging";
import { BINDING_SYMBOLS, missingSymbols } from "./symbols";
import { parseWheelName, projectName } from "./wheel-name";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-setup-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("recipes", () => {
  const recipes = RECIPE_PLATFORMS.flatMap((platform) =>
    (["cpu", "gpu"] as const).map((build) => recipeFor(build, platform)),
  ).filter((recipe) => recipe !== null);

  test("are there for Linux on x64 and arm64, and for Macs", () => {
    expect(recipes.map(directoryName)).toEqual([
      "tensorflow-2.21.0-cpu-linux-x64-r3",
      "tensorflow-2.21.0-gpu-linux-x64-r3",
      "tensorflow-2.21.0-cpu-linux-arm64-r3",
      "tensorflow-2.21.0-cpu-darwin-arm64-r3",
    ]);
  });

  test.each(recipes)(
    "pin wheels of one version with their checksums: $build $platform",
    (recipe) => {
      for (const { file, sha256, bytes } of [
        ...recipe.tensorflowWheels,
        ...recipe.cudaWheels,
      ]) {
        expect(parseWheelName(file)).not.toBeNull();
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(bytes).toBeGreaterThan(0);
      }
      for (const { file } of recipe.tensorflowWheels)
        expect(parseWheelName(file)!.version).toBe(recipe.tensorflow);
    },
  );

  test("of the GPU build fetch what TensorFlow's wheel asks for with its extra `and-cuda`", () => {
    const projects = wheelsOf(recipeFor("gpu", "linux-x64")!).map(({ file }) =>
      projectName(parseWheelName(file)!.distribution),
    );
    // Requires-Dist of tensorflow-2.21.0's METADATA.
    expect(projects).toEqual([
      "tensorflow",
      "nvidia-cublas-cu12",
      "nvidia-cuda-cupti-cu12",
      "nvidia-cuda-nvcc-cu12",
      "nvidia-cuda-nvrtc-cu12",
      "nvidia-cuda-runtime-cu12",
      "nvidia-cudnn-cu12",
      "nvidia-cufft-cu12",
      "nvidia-curand-cu12",
      "nvidia-cusolver-cu12",
      "nvidia-cusparse-cu12",
      "nvidia-nccl-cu12",
      "nvidia-nvjitlink-cu12",
    ]);
  });
});

describe("missingSymbols", () => {
  const listing = (prefix: string, names: readonly string[]) =>
    names.map((name) => `00000000017acc90 T ${prefix}${name}\n`).join("");

  test("knows the 55 functions that tfjs-node calls, and our 2", () => {
    expect(new Set(BINDING_SYMBOLS).size).toBe(57);
  });

  test.each(["", "_"])("finds them in what nm lists, prefix %j", (prefix) => {
    expect(missingSymbols(listing(prefix, BINDING_SYMBOLS))).toEqual([]);
  });

  test("finds them with the version that libtensorflow_cc gives them", () => {
    const versioned = BINDING_SYMBOLS.map((name) => `${name}@@tensorflow`);
    expect(missingSymbols(listing("", versioned))).toEqual([]);
  });

  test("names what an older library lacks, and counts no reference as a definition", () => {
    const older = BINDING_SYMBOLS.filter((name) => name !== "TF_NewTensor");
    const nm = `${listing("", older)}                 U TF_NewTensor\n`;
    expect(missingSymbols(nm)).toEqual(["TF_NewTensor"]);
  });
});

test("linkTo finds a file in a page of an index", () => {
  const page = `<a href="../../f/abc/b-1-py3-none-any.whl#sha256=1">b</a>
    <a data-x="1" href="https://files.example/a-1-py3-none-any.whl?x=1&amp;y#sha256=2">a</a>
    <a href="https://files.example/c-1-py3-none-any.whl">c</a>`;
  expect(linkTo("b-1-py3-none-any.whl", page)).toBe(
    "../../f/abc/b-1-py3-none-any.whl",
  );
  expect(linkTo("c-1-py3-none-any.whl", page)).toBe(
    "https://files.example/c-1-py3-none-any.whl",
  );
  expect(linkTo("d-1-py3-none-any.whl", page)).toBeNull();
});

describe("givenFiles", () => {
  const recipe = recipeFor("cpu", "linux-x64")!;
  const give = async (file: string) => {
    const path = join(folder, file);
    writeFileSync(path, "not what it says");
    return givenFiles([path], recipe).then(
      () => "accepted",
      (error: Error) => error.message,
    );
  };

  test.each([
    [
      "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
      /^checksum mismatch: tensorflow_cpu-.* has sha256 [0-9a-f]{64}, pinned is 2b847d.*fetch it again/,
    ],
    [
      "tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl",
      /a wheel for manylinux_2_27_aarch64, and this machine is linux-x64; wanted is tensorflow_cpu-2\.21\.0/,
    ],
    [
      "tensorflow_cpu-2.21.0-cp311-cp311-win_amd64.whl",
      /a wheel for win_amd64, and this machine is linux-x64/,
    ],
    [
      "tensorflow_cpu-2.9.1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
      /version 2\.9\.1, and 2\.21\.0 is what the binding is made for/,
    ],
    [
      "tensorflow_cpu-2.21.0-cp399-cp399-manylinux_2_27_x86_64.whl",
      /not one of the wheels whose checksums are known/,
    ],
    [
      "torch-2.9.0-cp311-cp311-manylinux_2_28_x86_64.whl",
      /a wheel of torch, which the CPU engine is not made of; wanted/,
    ],
    ["notes.txt", /neither a wheel nor tensorflow-tfjs-node-4\.22\.0\.tgz/],
  ])("refuses %s", async (file, message) => {
    expect(await give(file)).toMatch(message);
  });

  test("refuses a file that is not there", async () => {
    await expect(givenFiles([join(folder, "no.whl")], recipe)).rejects.toThrow(
      /--from .*no\.whl: there is no such file/,
    );
  });

  test("refuses a folder that has nothing for it", async () => {
    writeFileSync(join(folder, "notes.txt"), "");
    await expect(givenFiles([folder], recipe)).rejects.toThrow(
      /there is neither a wheel nor tensorflow-tfjs-node-4\.22\.0\.tgz in this folder; wanted is tensorflow_cpu-2\.21\.0/,
    );
  });
});

describe("requirements", () => {
  const H200 = {
    ...{ index: 0, uuid: "GPU-1", name: "NVIDIA H200", memoryMiB: 143771 },
    computeCapability: "9.0",
  };

  test("a GPU needs a driver", () => {
    const none = { gpus: [], cuda: null, why: "nvidia-smi is not there" };
    expect(() => needDriver(none)).toThrow(
      /--gpu needs an NVIDIA driver, and nvidia-smi is not there; install the driver .* --force/,
    );
  });

  test("CUDA 12 needs a driver that knows it", () => {
    const facts = (driver: string) => ({
      ...{ gpus: [{ ...H200, driver }], cuda: "11.4", why: null },
    });
    expect(() => needDriver(facts("470.82.01"))).toThrow(
      /the NVIDIA driver is 470\.82\.01, and CUDA 12 needs 525 or newer/,
    );
    expect(() => needDriver(facts("580.159.03"))).not.toThrow();
  });

  test.each([
    [
      "win32-x64",
      "cpu",
      /no TensorFlow wheel for win32-x64, only for linux-x64/,
    ],
    ["linux-ppc64", "cpu", /no TensorFlow wheel for linux-ppc64/],
    ["linux-arm64", "gpu", /no TensorFlow wheel with CUDA for linux-arm64/],
  ] as const)("%s has no %s wheel", (platform, build, message) => {
    expect(() => needRecipe(build, { platform, glibc: "2.36" })).toThrow(
      message,
    );
  });

  test("musl and an old glibc have none", () => {
    const on = (glibc: string | null) => () =>
      needRecipe("cpu", { platform: "linux-x64", glibc });
    expect(on(null)).toThrow(/musl instead of glibc.*node:22-slim.*wasm/);
    expect(on("2.17")).toThrow(
      /need glibc 2\.27 or newer, this system has 2\.17/,
    );
    expect(on("2.36")).not.toThrow();
  });
});

describe("staging", () => {
  test("removes what a killed setup left, and nothing of one that runs", async () => {
    const dead = await openStaging(folder, 999_999_999);
    const living = await openStaging(folder, process.ppid);
    const own = await openStaging(folder);
    await expect(livingFolders()).resolves.toEqual(
      [living.folder, own.folder].sort(),
    );
    expect(dead.folder).not.toBe(own.folder);
  });

  test("publishes over what was there", async () => {
    const staging = await openStaging(folder);
    const place = join(folder, "tensorflow-1-cpu-here-r3");
    for (const text of ["old", "new"]) {
      const made = join(staging.folder, "made");
      await mkdir(made);
      writeFileSync(join(made, "file"), text);
      await staging.publish(made, place);
    }
    await staging.close();
    expect(readFileSync(join(place, "file"), "utf8")).toBe("new");
    expect(await livingFolders()).toEqual([]);
  });

  const livingFolders = async () =>
    (await readdir(folder))
      .filter((name) => name.startsWith(".setup-"))
      .map((name) => join(folder, name))
      .sort();
});

test("installedEngines lists complete engines of this platform, the newest first", async () => {
  const platform = `${process.platform}-${process.arch}`;
  const facts = { build: "cpu", platform, revision: 1, bytes: 1 } as const;
  for (const tensorflow of ["2.9.1", "2.21.0"]) {
    const engine = join(folder, directoryName({ ...facts, tensorflow }));
    await mkdir(engine);
    writeFileSync(
      join(engine, "engine.json"),
      JSON.stringify({ ...facts, tensorflow }),
    );
  }
  const other = { ...facts, tensorflow: "3.0.0", platform: "plan9-mips" };
  await mkdir(join(folder, directoryName(other)));
  writeFileSync(
    join(folder, directoryName(other), "engine.json"),
    JSON.stringify(other),
  );
  await mkdir(join(folder, "tensorflow-9.0.0-cpu-incomplete"));
  expect(installedEngines(folder).map(({ tensorflow }) => tensorflow)).toEqual([
    "2.21.0",
    "2.9.1",
  ]);
  expect(installedEngines(join(folder, "nowhere"))).toEqual([]);
});
