import type { WireError } from "./error-wire";

/**
 * What a rank tells its launcher: one JSON object a line, on the file descriptor TSMPI_STATUS_FD.
 * Small facts only; a rank without a launcher says nothing.
 */
export type StatusMessage =
  /** Rank 0: the coordinator listens here. The launcher starts the other ranks when it has read this. */
  | { readonly type: "coordinator"; readonly port: number }
  /** Which engine computes, on whichever rank loaded one. */
  | {
      readonly type: "engine";
      readonly name: string;
      readonly device: string;
      readonly version: string;
    }
  /** Rank 0: the program distributes something whose exchange is to be tuned. */
  | { readonly type: "autotune" }
  /** Rank 0, at the end of a `fit`: samples over all ranks, wall seconds, and how long the main thread was blocked in communication. */
  | {
      readonly type: "training";
      readonly samples: number;
      readonly seconds: number;
      readonly communicationSeconds: number;
    }
  /** The program ends because of this; the last line of a rank. At most 2 kB of stack. */
  | {
      readonly type: "failure";
      readonly error: WireError;
      readonly stack: string;
    };

export const encodeStatus = (message: StatusMessage): string =>
  JSON.stringify(message) + "\n";

/** Null for a line that is none of ours: the file descriptor is inherited by whatever the rank starts. */
export function decodeStatus(line: string): StatusMessage | null {
  try {
    const message = JSON.parse(line) as StatusMessage;
    return typeof message === "object" &&
      message !== null &&
      STATUS_TYPES.has(message.type)
      ? message
      : null;
  } catch {
    return null;
  }
}

const STATUS_TYPES = new Set<StatusMessage["type"]>([
  "coordinator",
  "engine",
  "autotune",
  "training",
  "failure",
]);
