import { pack, unpack } from "@tsmpi/protocol";
import type { MessageLink } from "@tsmpi/transport";

interface ChannelOptions<Heard> {
  readonly link: MessageLink;
  /** In messages: who is at the other end. */
  readonly peer: string;
  readonly onMessage: (message: Heard) => void;
  /** Once: the peer is gone, or we have closed. */
  readonly onEnd: (why: string) => void;
}

const ALIVE_MS = 1_000;
const SILENT_MS = 10_000;
/** Of a peer that has not said anything yet: it may have to log in. */
const FIRST_MS = 60_000;

/** Messages to and from one peer, whose silence does not go unnoticed: a cut cable says nothing. */
export class Channel<
  Sent extends { readonly type: string },
  Heard extends { readonly type: string },
> {
  readonly #link: MessageLink;
  readonly #beating: NodeJS.Timeout;
  #silentTurns = 0;
  #patienceMs = FIRST_MS;
  #ended: string | null = null;

  constructor({ link, peer, onMessage, onEnd }: ChannelOptions<Heard>) {
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
        return link.send(pack({ type: "alive" }));
      void link.close();
      end(`no sign of life from ${peer} for ${this.#patienceMs / 1000} s`);
    }, ALIVE_MS);
    link.listen({
      message: (bytes) => {
        this.#silentTurns = 0;
        this.#patienceMs = SILENT_MS;
        if (this.#ended !== null) return;
        const message = messageOf(bytes) as Heard | null;
        if (message === null) {
          void link.close();
          end(`${peer} sends what is no message of ours`);
        } else if (message.type !== "alive") onMessage(message);
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

  close(): Promise<void> {
    return this.#link.close();
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
