import { pack, unpack } from "@tsmpi/protocol";
import type { MessageLink } from "@tsmpi/transport";

interface ChannelOptions<Heard> {
  readonly link: MessageLink;
  /** In messages: who is at the other end. */
  readonly peer: string;
  /** How long it may be silent. */
  readonly patienceMs: number;
  readonly onMessage: (message: Heard) => void;
  /** Once: the peer is gone, or we have closed. */
  readonly onEnd: (why: string) => void;
}

const ALIVE_MS = 1_000;
/** Of a peer that has not said anything yet: it may have to log in. */
const FIRST_MS = 60_000;

/** What both sides say of themselves, beside their messages. */
type Sign = {
  /**
   * `suspended`: nothing will come from us until the next `alive`, however long. The peer's own signs go on meanwhile: a stopped
   * process' system acknowledges them; that of a dead one ends the connection; and one that nobody acknowledges any more the
   * peer's system gives up, Linux in about 15 minutes.
   */
  readonly type: "alive" | "suspended";
};

/** Messages to and from one peer, whose silence does not go unnoticed: a cut cable says nothing. */
export class Channel<
  Sent extends { readonly type: string },
  Heard extends { readonly type: string },
> {
  readonly #link: MessageLink;
  readonly #beating: NodeJS.Timeout;
  #silentTurns = 0;
  #patienceMs = FIRST_MS;
  #isAboutToStop = false;
  #ended: string | null = null;

  constructor({
    link,
    peer,
    patienceMs,
    onMessage,
    onEnd,
  }: ChannelOptions<Heard>) {
    this.#link = link;
    const end = (why: string): void => {
      if (this.#ended !== null) return;
      this.#ended = why;
      clearInterval(this.#beating);
      onEnd(why);
    };
    // Turns, not times: a process that was stopped for a while has not listened meanwhile.
    this.#beating = setInterval(() => {
      if (++this.#silentTurns * ALIVE_MS < this.#patienceMs)
        return this.#beat();
      end(`no sign of life from ${peer} for ${this.#patienceMs / 1000} s`);
      void link.close();
    }, ALIVE_MS);
    link.listen({
      message: (bytes) => {
        this.#silentTurns = 0;
        if (this.#ended !== null) return;
        const message = messageOf(bytes);
        if (message === null) {
          end(`${peer} sends what is no message of ours`);
          void link.close();
        } else if (message.type === "alive") this.#patienceMs = patienceMs;
        else if (message.type === "suspended") this.#patienceMs = Infinity;
        else onMessage(message as Heard);
      },
      end,
    });
  }

  /** Why it has ended; null: it has not. */
  get ended(): string | null {
    return this.#ended;
  }

  send(message: Sent): void {
    if (this.#ended === null) this.#link.send(pack(message));
  }

  /** This process is about to be stopped: the peer waits until we go on, however long. */
  suspend(): void {
    if (this.#ended !== null) return;
    this.#link.send(pack({ type: "suspended" } satisfies Sign));
    this.#isAboutToStop = true;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #beat(): void {
    // The one that comes between these words and the stop would take them back.
    if (!this.#isAboutToStop)
      this.#link.send(pack({ type: "alive" } satisfies Sign));
    this.#isAboutToStop = false;
  }
}

/** Null: it is none. */
function messageOf(bytes: Uint8Array): { readonly type: string } | null {
  try {
    const message = unpack(bytes) as { readonly type?: unknown } | null;
    return typeof message?.type === "string"
      ? (message as { readonly type: string })
      : null;
  } catch {
    return null;
  }
}
