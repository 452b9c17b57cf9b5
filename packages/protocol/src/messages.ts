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

/** A split that a rank is to read, but for those of its records that the program of a lost rank has had: ends of runs, in order. */
export interface GivenSplit {
  readonly split: number;
  readonly had: readonly number[];
}

/** Records of a split that a program has had. */
export interface DeliveredOfSplit {
  readonly split: number;
  /** As ends of runs: from, to, from, to … */
  readonly runs: readonly number[];
  /** Nothing of the split is left. */
  readonly isAll: boolean;
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
  /** Root: pieces follow for these ranks, each with an end of its own; up to `window` may be under way to a rank. */
  | {
      readonly type: "stream-open";
      readonly stream: string;
      readonly dests: readonly number[];
      readonly window: number;
    }
  /** Root: bytes for `dest`, in the frame behind this one. Needs a credit. `more`: those that follow belong to the same piece. */
  | {
      readonly type: "stream-piece";
      readonly stream: string;
      readonly dest: number;
      readonly more: boolean;
    }
  /** Root: no more for `dest`; with an error, because there cannot be more. */
  | {
      readonly type: "stream-end";
      readonly stream: string;
      readonly dest: number;
      readonly error: WireError | null;
    }
  /** Receiver: so many pieces are through, the root may send as many more. */
  | {
      readonly type: "stream-taken";
      readonly stream: string;
      readonly pieces: number;
    }
  /** Receiver: wants no more of it. */
  | { readonly type: "stream-stop"; readonly stream: string }
  /** This rank wants splits of a dataset; answered by `splits`, when all ranks have begun this pass. */
  | {
      readonly type: "split-ask";
      readonly dataset: number;
      readonly pass: number;
      /** What all ranks must say alike. */
      readonly about: string;
      readonly splits: number;
      /** The end is told when nothing can come back from a lost rank any more, and not already when all has been handed out. */
      readonly waits: boolean;
    }
  /** The program of this rank has had these records. */
  | {
      readonly type: "split-delivered";
      readonly dataset: number;
      readonly pass: number;
      readonly delivered: readonly DeliveredOfSplit[];
    }
  /** This rank takes nothing more of a pass: nobody need wait for what it still has. */
  | {
      readonly type: "split-leave";
      readonly dataset: number;
      readonly pass: number;
    }
  /** What this rank has had of a pass over a dataset; answered by `accounted`, when all have said so. */
  | {
      readonly type: "account";
      readonly dataset: number;
      readonly pass: number;
      readonly account: object;
    }
  /** Is any rank gone that has not said what it had of a pass? Answered by `absent`, at once. */
  | {
      readonly type: "absent-ask";
      readonly dataset: number;
      readonly pass: number;
    };

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
  /** Bytes of the frame behind this one. */
  | {
      readonly type: "stream-piece";
      readonly stream: string;
      readonly more: boolean;
    }
  | {
      readonly type: "stream-end";
      readonly stream: string;
      readonly error: WireError | null;
    }
  /** To the root: `dest` has room for `pieces` more. */
  | {
      readonly type: "stream-credit";
      readonly stream: string;
      readonly dest: number;
      readonly pieces: number;
    }
  /** To the root: `dest` wants no more, or is gone. To `dest`, which has stopped it: nothing of it is on its way any more. */
  | {
      readonly type: "stream-stopped";
      readonly stream: string;
      readonly dest: number;
    }
  /** None: the pass is over. */
  | {
      readonly type: "splits";
      readonly dataset: number;
      readonly pass: number;
      readonly splits: readonly GivenSplit[];
    }
  /** The ranks do not pass over the same. */
  | {
      readonly type: "split-refused";
      readonly dataset: number;
      readonly pass: number;
      readonly error: WireError;
    }
  /** What each rank has had, by rank; null: it is gone. */
  | {
      readonly type: "accounted";
      readonly dataset: number;
      readonly pass: number;
      readonly accounts: readonly (object | null)[];
    }
  /** Ranks that are gone, and have not said what they had of it. */
  | {
      readonly type: "absent";
      readonly dataset: number;
      readonly pass: number;
      readonly ranks: readonly number[];
    };

type FieldTypes = Readonly<
  Record<string, "number" | "object" | "string" | "boolean">
>;

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
  "stream-open": { stream: "string", dests: "object", window: "number" },
  "stream-piece": { stream: "string", dest: "number", more: "boolean" },
  "stream-end": { stream: "string", dest: "number" },
  "stream-taken": { stream: "string", pieces: "number" },
  "stream-stop": { stream: "string" },
  "split-ask": {
    ...{ dataset: "number", pass: "number", about: "string" },
    ...{ splits: "number", waits: "boolean" },
  },
  "split-delivered": {
    ...{ dataset: "number", pass: "number", delivered: "object" },
  },
  "split-leave": { dataset: "number", pass: "number" },
  account: { dataset: "number", pass: "number", account: "object" },
  "absent-ask": { dataset: "number", pass: "number" },
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
