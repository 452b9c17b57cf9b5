import { bytesPerElement, type Dtype } from "@tsmpi/protocol";
import { UsageError } from "../usage-error";

const UNITS = ["", "k", "m", "g"] as const;
const SMALLEST = 1;
const LARGEST = 4 * 1024 ** 2;

/** `8`, `1k`, `4m`, `1g`: bytes, in steps of 1024. */
export function parseSize(flag: string, text: string): number {
  const [, digits, unit = ""] =
    /^(\d+)([kmg]?)$/.exec(text.trim().toLowerCase()) ?? [];
  const bytes = Number(digits) * 1024 ** UNITS.indexOf(unit as "k");
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(
    `--${flag} "${text}" is no number of bytes; give one as in --${flag} 8 or --${flag} 64k`,
  );
}

/** As `parseSize` takes it, shortest. */
export function formatSize(bytes: number): string {
  const power = UNITS.findLastIndex(
    (_, step) => bytes >= 1024 ** step && bytes % 1024 ** step === 0,
  );
  return bytes === 0 ? "0" : `${bytes / 1024 ** power}${UNITS[power]}`;
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
        "--sizes says which sizes, and --min and --max between which; give one of the two",
      );
    const sizes = list.split(",").map((text) => parseSize("sizes", text));
    const broken = sizes.find((bytes) => bytes % elementBytes !== 0);
    if (broken !== undefined)
      throw new UsageError(
        `--sizes ${broken}: that is no whole number of ${dtype} elements, which have ${elementBytes} bytes each`,
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
