import { bytesPerElement, type Dtype } from "@tsmpi/protocol";
import { UsageError } from "../usage-error";

const UNITS = [
  ["", 1],
  ["kB", 1000],
  ["KiB", 1024],
  ["MB", 1000 ** 2],
  ["MiB", 1024 ** 2],
  ["GB", 1000 ** 3],
  ["GiB", 1024 ** 3],
] as const;
const PREFIXES = ["", "k", "m", "g"];
const SMALLEST = 1;
const LARGEST = 4 * 1024 ** 2;

/**
 * Bytes: `4`, `25e6`; `1MB` in steps of 1000; `64KiB`, `64Ki` and, as nccl-tests and the OSU benchmarks have it, `64k` in steps
 * of 1024. Capital or small does not matter.
 *
 * @throws {UsageError}
 */
export function parseSize(flag: string, text: string): number {
  const [, number, prefix = "", i, b] =
    /^(\d+(?:\.\d+)?(?:e\d+)?)(?:([kmg])(i)?)?(b)?$/.exec(
      text.trim().toLowerCase(),
    ) ?? [];
  const step = b !== undefined && i === undefined ? 1000 : 1024;
  const bytes = Number(number) * step ** PREFIXES.indexOf(prefix);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(
    `--${flag} "${text}" is no number of bytes; give one as in --${flag} 8, --${flag} 64Ki or --${flag} 25e6`,
  );
}

/** As `parseSize` takes it, in the largest unit of which it is a multiple: `64KiB`, `25MB`. */
export function formatSize(bytes: number): string {
  const [name, unit] = UNITS.findLast(
    ([, unit]) => bytes >= unit && bytes % unit === 0,
  ) ?? ["", 1];
  return `${bytes / unit}${name}`;
}

export interface SizesAsked {
  /** Separated by commas. */
  readonly list: string | null;
  readonly min: string | null;
  readonly max: string | null;
  readonly dtype: Dtype;
}

/**
 * The sizes to measure, in bytes: those that are listed, or powers of two from `min` to `max`, or powers of four up to 4 MiB;
 * always whole elements.
 *
 * @throws {UsageError}
 */
export function sizesOf({ list, min, max, dtype }: SizesAsked): number[] {
  const elementBytes = bytesPerElement(dtype);
  if (list !== null) {
    if (min !== null || max !== null)
      throw new UsageError(
        "--bytes says which sizes, and --min and --max between which; give one of the two",
      );
    const sizes = list.split(",").map((text) => parseSize("bytes", text));
    const broken = sizes.find((bytes) => bytes % elementBytes !== 0);
    if (broken !== undefined)
      throw new UsageError(
        `--bytes ${broken}: that is no whole number of ${dtype} elements, which have ${elementBytes} bytes each`,
      );
    return sizes;
  }
  const from = min === null ? SMALLEST : parseSize("min", min);
  const to = max === null ? LARGEST : parseSize("max", max);
  const step = min === null && max === null ? 4 : 2;
  const sizes = powers(step, to).filter(
    (bytes) => bytes >= from && bytes % elementBytes === 0,
  );
  if (sizes.length === 0)
    throw new UsageError(
      `there is no power of two of ${dtype} elements from ${formatSize(from)} to ${formatSize(to)} bytes`,
    );
  return sizes;
}

/** 1, step, step² … up to `to`. */
function powers(step: number, to: number): number[] {
  const list: number[] = [];
  for (let bytes = 1; bytes <= to; bytes *= step) list.push(bytes);
  return list;
}
