import { readFileSync, statfsSync } from "node:fs";
import { arch, availableParallelism, cpus, release, totalmem } from "node:os";
import {
  cacheDirectory,
  findGpus,
  type GpuFacts,
  installedEngines,
  setupTools,
} from "@tsmpi/engine";
import { allowedCores } from "../cores";
import { planGpus, usableGpus } from "../gpu-plan";

/** What `tsrun doctor --json` prints, but for its problems. Sizes in bytes. */
export interface Facts {
  readonly node: string;
  readonly platform: string;
  readonly kernel: string;
  /** Null: none passes its self-test. */
  readonly engine: {
    readonly name: string;
    readonly device: string;
    readonly version: string;
    readonly why: string;
  } | null;
  /** Of the self-test, if it failed. */
  readonly engineProblem: string | null;
  readonly selfTestMs: { readonly load: number; readonly train: number } | null;
  readonly cache: string;
  /** What `tsrun setup` has made. */
  readonly engines: readonly {
    readonly build: string;
    readonly tensorflow: string;
    readonly directory: string;
    readonly bytes: number;
  }[];
  readonly cpu: {
    readonly model: string;
    /** That ranks may run on. */
    readonly cores: number;
    /** Of those that TensorFlow has code for. */
    readonly features: readonly string[];
    readonly memory: number;
  };
  readonly gpus: GpuFacts & {
    /** CUDA_VISIBLE_DEVICES of each local rank, with as many ranks as GPUs. */
    readonly ofRanks: readonly string[];
  };
  /** Null where there is none. */
  readonly sharedMemory: {
    readonly bytes: number;
    readonly free: number;
  } | null;
  /** Soft limits by their names in /proc/self/limits; null: unlimited. */
  readonly limits: Readonly<Record<string, number | null>>;
  readonly zeromq: {
    readonly version: string;
    readonly capabilities: readonly string[];
  } | null;
  readonly compiler: string | null;
}

export interface Wanted {
  readonly engine: string | undefined;
  readonly device: string | undefined;
}

/** Looks at everything, which takes a few seconds: the engine is started in a process of its own, and trains there. */
export async function gatherFacts(wanted: Wanted): Promise<Facts> {
  const tools = await setupTools();
  const [selfTest, compiler, zeromq] = await Promise.all([
    tools.runSelfTest(wanted),
    tools.findCompiler(),
    gatherZeromqFacts(),
  ]);
  const failed = "problem" in selfTest;
  return {
    node: process.versions.node,
    platform: `${process.platform}-${arch()}`,
    kernel: release(),
    engine: failed ? null : selfTest.engine,
    engineProblem: failed ? selfTest.problem : null,
    selfTestMs: failed
      ? null
      : { load: selfTest.loadMs, train: selfTest.testMs },
    cache: cacheDirectory(),
    engines: installedEngines(cacheDirectory()).map(
      ({ build, tensorflow, directory, bytes }) => ({
        ...{ build, tensorflow, directory, bytes },
      }),
    ),
    cpu: cpuFacts(),
    gpus: gpuFacts(),
    sharedMemory: sharedMemoryFacts(),
    limits: parseLimits(read("/proc/self/limits")),
    zeromq,
    compiler: compiler?.version ?? null,
  };
}

const FEATURES = [
  ...["sse4_1", "avx", "avx2", "fma", "avx512f", "avx512_vnni"],
  ...["avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile", "amx_int8"],
  ...["amx_bf16", "asimd", "asimdhp", "sve", "bf16"],
];

function cpuFacts(): Facts["cpu"] {
  const info = read("/proc/cpuinfo");
  const flags = (
    /^(?:flags|Features)\s*:\s*(.*)$/m.exec(info)?.[1] ?? ""
  ).split(" ");
  return {
    model: cpus()[0]?.model.trim() ?? "unknown",
    cores:
      allowedCores(read("/proc/self/status"))?.length ?? availableParallelism(),
    features: FEATURES.filter((feature) => flags.includes(feature)),
    memory: totalmem(),
  };
}

function gpuFacts(): Facts["gpus"] {
  const facts = findGpus();
  const devices = usableGpus({
    asked: null,
    inherited: process.env.CUDA_VISIBLE_DEVICES,
    present: facts.gpus,
  });
  const { visible } = planGpus(devices.length, { devices, perRank: null });
  return { ...facts, ofRanks: visible };
}

function sharedMemoryFacts(): Facts["sharedMemory"] {
  try {
    const { bsize, blocks, bavail } = statfsSync("/dev/shm");
    return { bytes: bsize * blocks, free: bsize * bavail };
  } catch {
    return null;
  }
}

const LIMITS = ["Max open files", "Max processes", "Max locked memory"];

/** From the text of /proc/self/limits. */
export const parseLimits = (text: string): Facts["limits"] =>
  Object.fromEntries(
    LIMITS.flatMap((name) => {
      const soft = new RegExp(`^${name}\\s+(\\S+)`, "m").exec(text)?.[1];
      if (soft === undefined) return [];
      return [[name, soft === "unlimited" ? null : Number(soft)]];
    }),
  );

async function gatherZeromqFacts(): Promise<Facts["zeromq"]> {
  try {
    const { loadZeromqFacts } = await import("@tsmpi/transport");
    const { zeromqFacts } = await loadZeromqFacts();
    return zeromqFacts();
  } catch {
    return null;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
