import type { Message } from "./message-queue";

/** MPI's wildcards. */
export const ANY_SOURCE = -1;
export const ANY_TAG = -1;

/** What a receive asks for. `source` is a world rank or ANY_SOURCE. */
export interface Wanted {
  readonly source: number;
  readonly tag: number;
}

/** Why nothing more comes from a rank. */
export interface Gone {
  readonly error: Error;
  /** It ended with success, as opposed to having failed. */
  readonly inOrder: boolean;
}

interface PostedReceive extends Wanted {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

/** Point-to-point messages of one communicator: receives and messages meet in the order they were posted, as MPI demands. */
export class Matching {
  readonly #unexpected: Message[] = [];
  readonly #posted: PostedReceive[] = [];
  readonly #gone = new Map<number, Gone>();
  readonly #others: number;

  /** @param others ranks that could send here, without ourselves */
  constructor(others: number) {
    this.#others = others;
  }

  deliver(message: Message): void {
    const index = this.#posted.findIndex((wanted) => matches(wanted, message));
    if (index < 0) this.#unexpected.push(message);
    else this.#posted.splice(index, 1)[0]!.resolve(message);
  }

  receive(wanted: Wanted): Promise<Message> {
    const index = this.#unexpected.findIndex((m) => matches(wanted, m));
    if (index >= 0)
      return Promise.resolve(this.#unexpected.splice(index, 1)[0]!);
    const failure = this.#failureFor(wanted.source);
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) =>
      this.#posted.push({ ...wanted, resolve, reject }),
    );
  }

  /** Nothing more comes from this source: receives that only it could have answered reject. */
  failSource(source: number, gone: Gone): void {
    this.#gone.set(source, gone);
    for (const posted of [...this.#posted]) {
      const failure = this.#failureFor(posted.source);
      if (!failure) continue;
      this.#posted.splice(this.#posted.indexOf(posted), 1);
      posted.reject(failure);
    }
  }

  /**
   * ANY_SOURCE rejects as soon as one rank has failed, since it might be the one waited for (as in ULFM); ranks that left in
   * good order only matter once nobody else is there.
   */
  #failureFor(source: number): Error | null {
    if (source !== ANY_SOURCE) return this.#gone.get(source)?.error ?? null;
    const gone = [...this.#gone.values()];
    const failed = gone.find(({ inOrder }) => !inOrder);
    const nobodyLeft = this.#others > 0 && gone.length === this.#others;
    return (failed ?? (nobodyLeft ? gone[0] : undefined))?.error ?? null;
  }
}

const matches = (wanted: Wanted, { header }: Message): boolean =>
  (wanted.source === ANY_SOURCE || wanted.source === header.source) &&
  (wanted.tag === ANY_TAG || wanted.tag === header.tag);
