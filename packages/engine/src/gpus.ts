import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** A GPU as `nvidia-smi` lists it. */
export interface Gpu {
  /** What CUDA_VISIBLE_DEVICES takes. */
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly memoryMiB: number;
  readonly computeCapability: string;
  readonly driver: string;
}

export interface GpuFacts {
  readonly gpus: readonly Gpu[];
  /** The newest CUDA that the driver supports; null if it does not say. */
  readonly cuda: string | null;
  /** Why there is none, where there is none. */
  readonly why: string | null;
}

const FIELDS = "index,uuid,name,memory.total,compute_cap,driver_version";

/** Asks `nvidia-smi`, which takes up to a second where there are many GPUs. */
export function findGpus(): GpuFacts {
  const none = (why: string): GpuFacts => ({ gpus: [], cuda: null, why });
  const run = (...args: string[]) =>
    spawnSync("nvidia-smi", args, { encoding: "utf8", timeout: 10_000 });
  const query = run(`--query-gpu=${FIELDS}`, "--format=csv,noheader,nounits");
  if (query.error)
    return none("nvidia-smi is not there: no NVIDIA driver is installed");
  if (query.status !== 0)
    return none(
      `nvidia-smi failed: ${firstLine(query.stdout + query.stderr) || `exit code ${query.status}`}`,
    );
  const gpus = parseGpus(query.stdout);
  if (gpus.length === 0) return none("nvidia-smi lists no GPU");
  return { gpus, cuda: parseCudaVersion(run().stdout ?? ""), why: null };
}

/** The output of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`. */
export const parseGpus = (csv: string): Gpu[] =>
  csv
    .split("\n")
    .map((line) => line.split(", ").map((field) => field.trim()))
    .filter((fields) => fields.length === FIELDS.split(",").length)
    .map(([index, uuid, name, memory, computeCapability, driver]) => ({
      index: Number(index),
      uuid: uuid!,
      name: name!,
      memoryMiB: Number(memory),
      computeCapability: computeCapability!,
      driver: driver!,
    }));

/** From the heading of plain `nvidia-smi`. */
export const parseCudaVersion = (text: string): string | null =>
  /CUDA Version:\s*([\d.]+)/.exec(text)?.[1] ?? null;

/** Cheap: whether a driver is loaded and this process is not told to leave its GPUs alone. */
export function mayUseGpu(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const visible = variables.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined && (visible === "" || visible.startsWith("-")))
    return false;
  return existsSync("/dev/nvidiactl") || existsSync("/dev/dxg");
}

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";
