import type { WireError } from "./error-wire";

/** Where one rank listens, and who it is for people: in errors and in `--display-map`. */
export interface RankAddress {
  readonly rank: number;
  /** Endpoint of its data socket, e.g. `tcp://127.0.0.1:41327` or `ipc://@tsmpi-…`. */
  readonly endpoint: string;
  readonly host: string;
  /** Processes in which this is the same run on one kernel, in one network, and can open each other's files. */
  readonly machine: string;
  readonly pid: number;
  /** Its part of the memory that ranks of one host share; null if it offers none. */
  readonly share: ShareAddress | null;
}

/** Where a rank's share lies: a file without a name, open in its process. */
export interface ShareAddress {
  readonly fd: number;
  readonly bytes: number;
}

/** A rank → the coordinator. */
export type RankMessage =
  /** The first message of every rank; answered by `welcome` when all have joined, else by `refused`. */
  | {
      readonly type: "join";
      readonly version: number;
      readonly size: number;
      readonly address: RankAddress;
    }
  | { readonly type: "heartbeat" }
  /** Resident memory of this rank's process: the least of the heartbeats since the last such message. */
  | { readonly type: "memory"; readonly residentBytes: number }
  /** The program of this rank ended with success. `sent[r]` counts the data messages it sent to rank r, ever. */
  | { readonly type: "leave"; readonly sent: readonly number[] }
  /** All that rank `rank` ever sent to this one has arrived. */
  | { readonly type: "drained"; readonly rank: number }
  /** This rank's vote in an agreement of a communicator, whose ranks are `group`; see ULFM. */
  | {
      readonly type: "agree";
      readonly context: number;
      readonly number: number;
      readonly group: readonly number[];
      readonly flag: number;
      readonly offer: number;
    }
  /** The program of this rank ends with an error. */
  | { readonly type: "failed"; readonly error: WireError }
  /** Root: rows for `dest` follow, `bytes` of them, in chunks. */
  | {
      readonly type: "scatter-open";
      readonly scatter: number;
      readonly dest: number;
      readonly bytes: number;
    }
  /** Root: the next chunk for `dest`; its bytes are the frame behind this one. Needs a credit. */
  | {
      readonly type: "scatter-chunk";
      readonly scatter: number;
      readonly dest: number;
    }
  /** Receiver: a chunk has been stored, the root may send another. */
  | { readonly type: "scatter-stored"; readonly scatter: number };

/** The coordinator → a rank. */
export type CoordinatorMessage =
  | { readonly type: "welcome"; readonly addresses: readonly RankAddress[] }
  | { readonly type: "refused"; readonly error: WireError }
  | { readonly type: "heartbeat" }
  /** Rank `rank` ended with success, having sent `sent` data messages to the rank that reads this. */
  | { readonly type: "left"; readonly rank: number; readonly sent: number }
  /** Everybody has all that this rank sent: it may end. */
  | { readonly type: "released" }
  | {
      readonly type: "lost";
      readonly rank: number;
      readonly error: WireError;
    }
  /** All have voted or are gone: the bits that all have set, who is gone, and what the lowest rank that lives has offered. */
  | {
      readonly type: "agreed";
      readonly context: number;
      readonly number: number;
      readonly flag: number;
      readonly failed: readonly number[];
      readonly offer: number;
    }
  | {
      readonly type: "scatter-open";
      readonly scatter: number;
      readonly bytes: number;
    }
  | { readonly type: "scatter-chunk"; readonly scatter: number }
  /** To the root: `dest` has room for `chunks` more. */
  | {
      readonly type: "scatter-credit";
      readonly scatter: number;
      readonly dest: number;
      readonly chunks: number;
    };

type FieldTypes = Readonly<Record<string, "number" | "object">>;

/** What must be in each message of a rank; whoever sends something else is none. */
const RANK_MESSAGE_FIELDS: Readonly<Record<RankMessage["type"], FieldTypes>> = {
  join: { version: "number", size: "number", address: "object" },
  heartbeat: {},
  memory: { residentBytes: "number" },
  leave: { sent: "object" },
  drained: { rank: "number" },
  agree: {
    ...{ context: "number", number: "number", group: "object" },
    ...{ flag: "number", offer: "number" },
  },
  failed: { error: "object" },
  "scatter-open": { scatter: "number", dest: "number", bytes: "number" },
  "scatter-chunk": { scatter: "number", dest: "number" },
  "scatter-stored": { scatter: "number" },
};

export function isRankMessage(value: unknown): value is RankMessage {
  if (typeof value !== "object" || value === null) return false;
  const message = value as Readonly<Record<string, unknown>>;
  const type = String(message.type) as RankMessage["type"];
  if (!Object.hasOwn(RANK_MESSAGE_FIELDS, type)) return false;
  return Object.entries(RANK_MESSAGE_FIELDS[type]).every(
    ([name, wanted]) =>
      typeof message[name] === wanted && message[name] !== null,
  );
}
