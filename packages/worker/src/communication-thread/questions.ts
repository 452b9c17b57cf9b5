import type {
  CoordinatorMessage,
  RankMessage,
  TsmpiError,
} from "@tsmpi/protocol";
import { errorFromWire } from "@tsmpi/protocol";
import type { Calls } from "../bridge/calls";
import { type Deferred, defer } from "./deferred";

type Answer = Extract<
  CoordinatorMessage,
  { readonly type: "splits" | "split-refused" | "accounted" | "absent" }
>;

/** What this rank has asked the coordinator about datasets, and has no answer to yet. */
export class Questions {
  readonly #send: (message: RankMessage) => Promise<void>;
  readonly #splits = new Map<string, Deferred<Calls["askSplits"]["result"]>>();
  readonly #accounts = new Map<string, Deferred<Calls["account"]["result"]>>();
  readonly #absent = new Map<string, Deferred<Calls["absent"]["result"]>>();
  #failure: TsmpiError | null = null;

  constructor(send: (message: RankMessage) => Promise<void>) {
    this.#send = send;
  }

  /** One at a time of each pass. */
  askSplits(
    question: Calls["askSplits"]["arguments"],
  ): Promise<Calls["askSplits"]["result"]> {
    return this.#ask(this.#splits, { type: "split-ask", ...question });
  }

  account(
    question: Calls["account"]["arguments"],
  ): Promise<Calls["account"]["result"]> {
    return this.#ask(this.#accounts, { type: "account", ...question });
  }

  /** One at a time of each pass. */
  absent(
    question: Calls["absent"]["arguments"],
  ): Promise<Calls["absent"]["result"]> {
    return this.#ask(this.#absent, { type: "absent-ask", ...question });
  }

  async delivered(args: Calls["splitDelivered"]["arguments"]): Promise<void> {
    if (this.#failure === null)
      await this.#send({ type: "split-delivered", ...args });
  }

  async left(args: Calls["splitLeft"]["arguments"]): Promise<void> {
    if (this.#failure === null)
      await this.#send({ type: "split-leave", ...args });
  }

  accept(answer: Answer): void {
    const key = `${answer.dataset} ${answer.pass}`;
    switch (answer.type) {
      case "splits":
        this.#splits.get(key)?.resolve(answer.splits);
        return void this.#splits.delete(key);
      case "split-refused":
        this.#splits.get(key)?.reject(errorFromWire(answer.error));
        return void this.#splits.delete(key);
      case "accounted":
        this.#accounts.get(key)?.resolve(answer.accounts);
        return void this.#accounts.delete(key);
      case "absent":
        this.#absent.get(key)?.resolve(answer.ranks);
        return void this.#absent.delete(key);
    }
  }

  /** The coordinator is gone: nobody answers any more. */
  fail(error: TsmpiError): void {
    this.#failure = error;
    for (const open of [this.#splits, this.#accounts, this.#absent]) {
      for (const { reject } of open.values()) reject(error);
      open.clear();
    }
  }

  async #ask<T>(
    open: Map<string, Deferred<T>>,
    question: Extract<RankMessage, { readonly pass: number }>,
  ): Promise<T> {
    if (this.#failure) throw this.#failure;
    const answer = defer<T>();
    open.set(`${question.dataset} ${question.pass}`, answer);
    await this.#send(question);
    return answer.promise;
  }
}
