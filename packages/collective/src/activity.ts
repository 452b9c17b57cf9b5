import { describeCall } from "./call-signature";
import type { LastCall } from "./shared-segment/block";

/** A collective that is under way or was the last one. */
interface Named {
  /** For people: `allreduce(float32 × 1000, SUM) #412`. Read only when somebody asks. */
  readonly text: string;
}
interface Call extends Named {
  readonly sinceMs: number;
}

/** What a rank does, in words, for those who wait for it. All its communicators write it down here. */
export class Activity {
  readonly #nowMs: () => number;
  readonly #isMainAsleep: () => boolean;
  readonly #inSegments: () => readonly LastCall[];
  /** Those under way, and since when. */
  readonly #underWay = new Map<Named, number>();
  #last: Named | null = null;
  #lastMs = 0;

  constructor({
    nowMs = () => performance.now(),
    isMainAsleep = () => false,
    inSegments = () => [],
  }: {
    readonly nowMs?: () => number;
    /** Whether the program's thread is blocked in a call. */
    readonly isMainAsleep?: () => boolean;
    /** The last call of each communicator in shared memory, where the program's thread makes it. */
    readonly inSegments?: () => readonly LastCall[];
  } = {}) {
    this.#inSegments = inSegments;
    this.#nowMs = nowMs;
    this.#isMainAsleep = isMainAsleep;
  }

  begin(call: Named): void {
    this.#underWay.set(call, this.#nowMs());
  }

  end(call: Named): void {
    this.#underWay.delete(call);
    this.#last = call;
    this.#lastMs = this.#nowMs();
  }

  describe(): string {
    const seconds = ({ sinceMs }: Call): string =>
      `${((this.#nowMs() - sinceMs) / 1_000).toFixed(1)} s`;
    const seen = this.#inSegments().map(({ call, number, isOver, ageMs }) => ({
      text: `${describeCall(call)} #${number}`,
      ...{ isOver, sinceMs: this.#nowMs() - ageMs },
    }));
    const [first] = this.#underWay;
    const call =
      (first && { text: first[0].text, sinceMs: first[1] }) ??
      seen.find(({ isOver }) => !isOver) ??
      null;
    if (call) return `is in ${call.text} since ${seconds(call)}`;
    const doing = this.#isMainAsleep()
      ? "is blocked in a send, a receive or a probe"
      : "is computing";
    const own = this.#last && { text: this.#last.text, sinceMs: this.#lastMs };
    const [last] = [...(own ? [own] : []), ...seen].sort(
      (a, b) => b.sinceMs - a.sinceMs,
    );
    return last
      ? `${doing}; its last collective, ${last.text}, ended ${seconds(last)} ago`
      : `${doing}, and has made no collective call yet`;
  }
}
