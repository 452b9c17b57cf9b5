import type { TrainingCounters } from "../counters";
import type { VariableLayout } from "../layout";

/** What a checkpoint says beside its tensors. */
export interface Metadata {
  readonly epoch: number;
  readonly step: number;
  readonly extra: unknown;
  /** Of the model's weights, in the order of `getWeights`. */
  readonly layout: readonly VariableLayout[];
  readonly optimizer: {
    readonly className: string;
    readonly config: unknown;
    readonly numbers: Readonly<Record<string, number>>;
    /** Null: it was not distributed. */
    readonly counters: TrainingCounters | null;
  };
}

const FORMAT = "tsmpi-checkpoint";
const VERSION = "1";

export const encodeMetadata = (
  metadata: Metadata,
): Readonly<Record<string, string>> => ({
  format: FORMAT,
  version: VERSION,
  tsmpi: JSON.stringify(metadata),
});

/** @throws {Error} whose message says what is wrong with the file, to go behind its name */
export function decodeMetadata({
  format,
  version,
  tsmpi,
}: Readonly<Record<string, string>>): Metadata {
  if (format !== FORMAT || tsmpi === undefined)
    throw new Error("is no checkpoint of tsmpi");
  if (version !== VERSION)
    throw new Error(
      `is a checkpoint of version ${version}; this tsmpi reads version ${VERSION}`,
    );
  return JSON.parse(tsmpi) as Metadata;
}

/**
 * What JSON would lose or change in a value; null if it stays what it is.
 *
 * @param path where the value is, for the message
 */
export function lostInJson(value: unknown, path: string): string | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? null
        : `${path} is ${Object.is(value, -0) ? "-0" : value}`;
    case "object": {
      if (value === null) return null;
      const prototype: unknown = Object.getPrototypeOf(value);
      if (
        !Array.isArray(value) &&
        prototype !== Object.prototype &&
        prototype !== null
      )
        return `${path} is a ${value.constructor.name}`;
      for (const [key, inner] of Object.entries(value)) {
        const lost = lostInJson(inner, `${path}.${key}`);
        if (lost !== null) return lost;
      }
      return null;
    }
    case "undefined":
    case "bigint":
    case "function":
    case "symbol":
      return `${path} is of type ${typeof value}`;
  }
}
