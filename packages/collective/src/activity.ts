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
  readonly #underWay = new Set<Call>();
  #last: Call | null = null;

  constructor({
    nowMs = () => performance.now(),
    isMainAsleep = () => false,
  }: {
    readonly nowMs?: () => number;
    /** Whether the program's thread is blocked in a call. */
    readonly isMainAsleep?: () => boolean;
  } = {}) {
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
    const [call] = this.#underWay;
    if (call) return `is in ${call.text} since ${seconds(call)}`;
    const doing = this.#isMainAsleep()
      ? "is blocked in a send, a receive or a probe"
      : "is computing";
    return this.#last
      ? `${doing}; its last collective, ${this.#last.text}, ended ${seconds(this.#last)} ago`
      : `${doing}, and has made no collective call yet`;
  }
}
