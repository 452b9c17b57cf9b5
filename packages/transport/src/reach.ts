import { connect } from "node:net";
import type { Observer } from "zeromq";

/** An attempt to connect that is not answered is given up, and another one made. */
export const CONNECT_MS = 3_000;

/** A clock that stood still, with the whole process, counts one turn. */
const TURNS = 10;

export interface ReachOptions {
  readonly address: string;
  readonly port: number;
  /** Until the handshake. */
  readonly timeoutMs: number;
  /** That nobody listens there is no failure, however long. */
  readonly mayStartLater: boolean;
  /** Called once, with the reason in words; a stranger takes connections there, and does not know our key. */
  readonly onUnreachable: (why: string, isStranger: boolean) => void;
}

/**
 * Watches a socket that connects until its handshake is through. Where that takes too long it finds out why: nobody answers,
 * nobody listens, or who answers is not the one that is meant.
 *
 * @returns ends the watch
 */
export function watchReach(
  events: Observer,
  { address, port, timeoutMs, mayStartLater, onUnreachable }: ReachOptions,
): () => void {
  let turns = 0;
  let connections = 0;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    clearInterval(timer);
  };
  const fail = (why: string, isStranger: boolean): void => {
    if (isOver) return;
    stop();
    onUnreachable(why, isStranger);
  };
  const timer = setInterval(() => {
    if (++turns === TURNS) void judge();
  }, timeoutMs / TURNS);
  events.on("connect", () => void connections++);
  events.on("handshake", stop);

  async function judge(): Promise<void> {
    const waited = `within ${timeoutMs / 1000} s`;
    const outcome = await probe(address, port);
    // A connection that somebody took who has gone since says nothing.
    if (outcome === OPEN && connections > 0)
      return fail(
        `it takes connections, and ends none of ${connections} handshakes ${waited}: its job key is another one, or what has this address is another host or program`,
        true,
      );
    // An open one has come up meanwhile, and is given its time.
    if (outcome !== OPEN && !(outcome === REFUSED && mayStartLater))
      return fail(
        outcome === REFUSED
          ? `nobody listens there (${outcome})`
          : `no answer ${waited} (${outcome}): packets to it are dropped, by a firewall perhaps`,
        false,
      );
    turns = connections = 0;
  }
  return stop;
}

const OPEN = "open";
const REFUSED = "ECONNREFUSED";

/** What a bare connection there comes to: `open`, or an error's code. */
const probe = (address: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: CONNECT_MS });
    const end = (outcome: string): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once("connect", () => end(OPEN));
    socket.once("timeout", () => end("ETIMEDOUT"));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      end(code ?? "unknown"),
    );
  });
