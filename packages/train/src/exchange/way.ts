import { readEnvironment } from "@tsmpi/protocol";
import { MPI, type Wanted, type WantedCompression } from "@tsmpi/worker";
import type { ResolvedOptions } from "../options";

/** How gradients are exchanged; the same on every rank. */
export interface Way {
  /** Of the buckets' all-reduces. `direct`: in shared memory; `auto`: over sockets, each as its size asks for. */
  readonly algorithm: Wanted<"allreduce">;
  readonly bucketBytes: number;
  /** Of the buckets on the wire. What is compressed has an algorithm of its own. */
  readonly compression: WantedCompression;
}

/** What options and environment say. */
export function askedWay({ bucketBytes, compression }: ResolvedOptions): Way {
  const { sharesMemory } = MPI.COMM_WORLD;
  const asked = readEnvironment(process.env).allreduce as Wanted<"allreduce">;
  const automatic = sharesMemory ? "direct" : "auto";
  const isAutomatic = asked === "auto" || asked === "direct";
  const algorithm = isAutomatic ? automatic : asked;
  return { algorithm, bucketBytes, compression };
}

/** Its sums are made by another thread: they may begin while gradients are still being computed. */
export const isEager = ({ algorithm, compression }: Way): boolean =>
  algorithm !== "direct" || compression !== "none";

export const isSameWay = (a: Way, b: Way): boolean =>
  a.algorithm === b.algorithm &&
  a.bucketBytes === b.bucketBytes &&
  a.compression === b.compression;

/** `ring over sockets, buckets of 25 MB` */
export function describeWay({
  algorithm,
  bucketBytes,
  compression,
}: Way): string {
  const how =
    compression !== "none"
      ? `${compression} over sockets`
      : algorithm === "direct"
        ? "direct, in shared memory"
        : `${algorithm} over sockets`;
  return `${how}, buckets of ${describeBytes(bucketBytes)}`;
}

function describeBytes(bytes: number): string {
  const [unit, name] =
    bytes >= 1e6 ? [1e6, "MB"] : bytes >= 1e3 ? [1e3, "kB"] : [1, "B"];
  return `${Number((bytes / unit).toPrecision(3))} ${name}`;
}
