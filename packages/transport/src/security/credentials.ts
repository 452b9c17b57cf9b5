import { isEncrypted, type RankEnvironment } from "@tsmpi/protocol";
import { curve } from "./curve";
import { plain } from "./plain";

/**
 * How the two ends of a connection prove to each other that they know the job key. An end has a name: `coordinator`, `rank-3`;
 * a launcher and its agents have theirs. One implementation a file, chosen in `credentialsOf`.
 */
export interface Credentials {
  readonly isEncrypted: boolean;
  /** Whose connections ZAP is asked about: alike for all that admit the same. Stays in this process. */
  readonly domain: string;
  /** Options of a socket that listens as `own`. */
  server(own: string): ServerOptions;
  /** Options of a socket of `own` that connects to the one that listens as `peer`. */
  client(own: string, peer: string): ClientOptions;
  /** ZAP (RFC 27): whether a peer may enter that has shown this. */
  admit(mechanism: string, shown: readonly Buffer[]): Admission;
}

/** For sockets of zeromq.js. */
export type ServerOptions = Readonly<Record<string, string | boolean>>;
export type ClientOptions = Readonly<Record<string, string>>;

export interface Admission {
  readonly isAdmitted: boolean;
  /** What it calls itself, or its key, for the log: never a secret. */
  readonly who: string;
}

/** The one place that chooses. */
export const credentialsOf = (environment: RankEnvironment): Credentials =>
  isEncrypted(environment)
    ? curve(environment.jobKey)
    : plain(environment.jobKey);
