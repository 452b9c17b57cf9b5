import type { PortRange } from "@tsmpi/protocol";
import type { HostAddress } from "@tsmpi/transport";
import type { OutputName, ProcessEnd, StartOrder } from "./host";

/** The launcher → an agent. */
export type ToAgent =
  /** `node` is the launcher's own: where the order's command names it, the agent takes its own. */
  | {
      readonly type: "start";
      readonly order: StartOrder;
      readonly node: string;
    }
  | {
      readonly type: "signal";
      readonly rank: number;
      readonly signal: NodeJS.Signals;
    }
  /** For the process to read; null: there is no more. Input waits until what came before has been taken. */
  | {
      readonly type: "input";
      readonly rank: number;
      readonly to: InputName;
      readonly bytes: Uint8Array | null;
    }
  /** So many bytes of output have been read: the agent may send as many more. */
  | {
      readonly type: "read";
      readonly rank: number;
      readonly from: OutputName;
      readonly bytes: number;
    }
  | {
      readonly type: "ask";
      readonly number: number;
      readonly question: Question;
    };

/** An agent → the launcher. */
export type FromAgent =
  /** The first message. */
  | { readonly type: "facts"; readonly facts: AgentFacts }
  | { readonly type: "started"; readonly rank: number; readonly pid: number }
  | {
      readonly type: "not-started";
      readonly rank: number;
      readonly why: string;
    }
  /** null: the process has closed it. */
  | {
      readonly type: "output";
      readonly rank: number;
      readonly from: OutputName;
      readonly bytes: Uint8Array | null;
    }
  /** The last input has been taken. */
  | {
      readonly type: "taken";
      readonly rank: number;
      readonly to: InputName;
    }
  | ({ readonly type: "ended"; readonly rank: number } & ProcessEnd)
  | {
      readonly type: "answer";
      readonly number: number;
      readonly answer: unknown;
      /** Why there is none, in words. */
      readonly error?: string;
    };

export type InputName = "stdin" | "news";

/** What the launcher wants to know of a host before anything is started there; `Answers` has what comes back. */
export type Question =
  /** Which of these are not there. */
  | { readonly type: "missing"; readonly paths: readonly string[] }
  /** Cores, and which GPUs of those that are asked for; null: none is. */
  | {
      readonly type: "devices";
      readonly gpus: { readonly asked: readonly string[] | null } | null;
    }
  /** Wait for `reach` at these addresses; answered with the port of each. Nothing listens any more after `unlisten`. */
  | {
      readonly type: "listen";
      readonly addresses: readonly string[];
      readonly token: string;
      readonly portRange?: PortRange;
    }
  | { readonly type: "unlisten" }
  /** Try where another host listens. */
  | {
      readonly type: "reach";
      readonly at: readonly {
        readonly address: string;
        readonly port: number;
      }[];
      readonly token: string;
    };

export interface Answers {
  readonly missing: readonly string[];
  readonly devices: Devices;
  readonly listen: readonly number[];
  readonly unlisten: null;
  readonly reach: readonly Reached[];
}

export interface Devices {
  /** By number. */
  readonly cores: readonly number[];
  readonly gpus: readonly string[];
}

/** How it went with one address. */
export interface Reached {
  readonly address: string;
  /** From which of its own; null: not reached. */
  readonly from: string | null;
  /** Why not, in a few words; null: reached. */
  readonly why: string | null;
}

/** Who an agent is. */
export interface AgentFacts {
  /** Of tsmpi. */
  readonly version: string;
  /** As process.version. */
  readonly node: string;
  /** As `linux-x64`. */
  readonly platform: string;
  readonly hostname: string;
  /** The same for processes of one host. */
  readonly machine: string;
  readonly pid: number;
  /** Where others may reach it: neither loopback nor link-local. */
  readonly addresses: readonly HostAddress[];
  /** That it offers, if somebody has said so. */
  readonly slots: number | null;
}
