import { UsageError } from "./usage-error";

/** What the plan needs to know of a host's GPUs. */
export interface GpuOptions {
  /** Those that ranks may use, as CUDA_VISIBLE_DEVICES names them: an index or a UUID. */
  readonly devices: readonly string[];
  /** For each rank; null: one. */
  readonly perRank: number | null;
  /** Named in an error; null: there is no other. */
  readonly host?: string | null;
}

export interface GpuPlan {
  /** CUDA_VISIBLE_DEVICES of each rank of this host; empty where there are no GPUs. */
  readonly visible: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Which rank gets which GPU: `perRank` each in turn, and around again when there are more ranks than GPUs.
 *
 * @throws {UsageError} a rank shall have more than there are
 */
export function planGpus(
  localSize: number,
  { devices, perRank, host = null }: GpuOptions,
): GpuPlan {
  if (devices.length === 0) {
    if (perRank !== null)
      throw new UsageError(
        `--gpus-per-rank ${perRank}: there is no GPU ${host === null ? "here" : `on ${host}`}; npx tsrun doctor says why${host === null ? "" : " there"}`,
      );
    return { visible: [], warnings: [] };
  }
  const each = perRank ?? 1;
  if (each > devices.length)
    throw new UsageError(
      `--gpus-per-rank ${each}: there are ${devices.length} GPUs${host === null ? "" : ` on ${host}`} (${devices.join(", ")})`,
    );
  const visible = Array.from({ length: localSize }, (_, rank) =>
    Array.from(
      { length: each },
      (_, i) => devices[(rank * each + i) % devices.length],
    ).join(","),
  );
  const warnings = [
    ...(localSize * each > devices.length
      ? [
          `${localSize} ranks on ${devices.length} GPU${devices.length === 1 ? "" : "s"}: some share one, and its memory`,
        ]
      : []),
    ...(each > 1
      ? [
          `--gpus-per-rank ${each}: TensorFlow.js computes on one GPU; start ${each} times as many ranks instead`,
        ]
      : []),
  ];
  return { visible, warnings };
}

/**
 * The GPUs that a job may use.
 *
 * @param asked of `--gpus`; null: all
 * @param inherited CUDA_VISIBLE_DEVICES, which a batch system sets
 * @param present indices and UUIDs of those that the driver lists
 * @throws {UsageError} one that was asked for is not there
 */
export function usableGpus({
  asked,
  inherited,
  present,
}: {
  readonly asked: readonly string[] | null;
  readonly inherited: string | undefined;
  readonly present: readonly {
    readonly index: number;
    readonly uuid: string;
  }[];
}): string[] {
  const allowed =
    inherited === undefined
      ? present.map(({ index }) => String(index))
      : inherited
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "" && !name.startsWith("-"));
  if (asked === null) return present.length === 0 ? [] : allowed;
  for (const name of asked) {
    const gpu = present.find(
      ({ index, uuid }) => name === String(index) || name === uuid,
    );
    if (gpu === undefined)
      throw new UsageError(
        `--gpus ${asked.join(",")}: there is no GPU ${name}; ${present.length === 0 ? "nvidia-smi lists none here" : `there are: ${present.map(({ index }) => index).join(", ")}`}`,
      );
    if (
      inherited !== undefined &&
      !allowed.includes(String(gpu.index)) &&
      !allowed.includes(gpu.uuid)
    )
      throw new UsageError(
        `--gpus ${asked.join(",")}: CUDA_VISIBLE_DEVICES=${inherited} does not allow ${name}`,
      );
  }
  return [...asked];
}
