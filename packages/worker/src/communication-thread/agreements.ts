import type { RankMessage, TsmpiError } from "@tsmpi/protocol";
import type { Agreement, Calls } from "../bridge/calls";
import { defer, type Deferred } from "./deferred";
import type { AgreedMessage } from "./session";

type Question = Calls["agree"]["arguments"];

/** What this rank has asked the coordinator to find out of all, and has no answer to yet. */
export class Agreements {
  readonly #send: (message: RankMessage) => Promise<void>;
  readonly #open = new Map<string, Deferred<Agreement>>();
  #failure: TsmpiError | null = null;

  constructor(send: (message: RankMessage) => Promise<void>) {
    this.#send = send;
  }

  async ask(question: Question): Promise<Agreement> {
    if (this.#failure) throw this.#failure;
    // Alone, one is always of one's own mind.
    if (question.group.length === 1)
      return { flag: question.flag, failed: [], offer: question.offer };
    const answer = defer<Agreement>();
    this.#open.set(keyOf(question), answer);
    await this.#send({ type: "agree", ...question });
    return answer.promise;
  }

  accept(answer: AgreedMessage): void {
    this.#open.get(keyOf(answer))?.resolve(answer);
    this.#open.delete(keyOf(answer));
  }

  /** The coordinator is gone: nobody answers any more. */
  fail(error: TsmpiError): void {
    this.#failure = error;
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}

const keyOf = ({
  context,
  number,
}: Pick<Question, "context" | "number">): string => `${context} ${number}`;
