import { describeCall } from "./call-signature";
import type { LastCall } from "./shared-segment/block";

/** A collective that is under way or was the last one. */
interface Call {
  /** For people: `allreduce(float32 × 1000, SUM) #412`. */
  readonly text: string;
  readonly sinceMs: number;
}

/** What a rank does, in words, for those who wait for it. All its communicators write it down here. */
export class Activity {
  readonly #nowMs: () => number;
  readonly #isMainAsleep: () => boolean;
  readonly #inSegments: () => readonly LastCall[];
  readonly #underWay = new Set<Call>();
  #last: Call | null = null;

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

  /** @returns to be called at the call's end */
  begin(text: string): () => void {
    const call = { text, sinceMs: this.#nowMs() };
    this.#underWay.add(call);
    return () => {
      this.#underWay.delete(call);
      this.#last = { text, sinceMs: this.#nowMs() };
    };
  }

  describe(): string {
    const seconds = ({ sinceMs }: Call): string =>
      `${((this.#nowMs() - sinceMs) / 1_000).toFixed(1)} s`;
    const seen = this.#inSegments().map(({ call, number, isOver, ageMs }) => ({
      text: `${describeCall(call)} #${number}`,
      ...{ isOver, sinceMs: this.#nowMs() - ageMs },
    }));
    const call =
      [...this.#underWay][0] ?? seen.find(({ isOver }) => !isOver) ?? null;
    if (call) return `is in ${call.text} since ${seconds(call)}`;
    const doing = this.#isMainAsleep()
      ? "is blocked in a send, a receive or a probe"
      : "is computing";
    const [last] = [...(this.#last ? [this.#last] : []), ...seen].sort(
      (a, b) => b.sinceMs - a.sinceMs,
    );
    return last
      ? `${doing}; its last collective, ${last.text}, ended ${seconds(last)} ago`
      : `${doing}, and has made no collective call yet`;
  }
}
