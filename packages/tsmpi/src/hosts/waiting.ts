import { HostError } from "@tsmpi/protocol";
import type { RunOptions } from "../options";
import { type HostFacts, placeRanks } from "../plan";
import { UsageError } from "../usage-error";

/** Without `-n` the job begins when nobody else has joined for this long. */
const LAST_CALL_MS = 3_000;

export interface WaitingOptions {
  readonly run: RunOptions;
  /** Those that are there already. */
  readonly named: readonly HostFacts[];
  readonly timeoutMs: number;
  /** No agent is waited for any more. */
  readonly signal: AbortSignal;
}

/**
 * The agents that have come so far, and whether they are enough: with `-n` until all ranks have a place on the map, as soon as
 * that is so; without it until no more come.
 */
export class Waiting<Agent extends HostFacts> {
  agents: readonly Agent[] = [];
  /** @throws {HostError} too few have come in time; the signal's reason */
  readonly complete: Promise<readonly Agent[]>;
  readonly #options: WaitingOptions;
  /** Nobody has said how many ranks there are: as many as there are slots. */
  readonly #isOpen: boolean;
  readonly #timer: NodeJS.Timeout;
  #lastCall: NodeJS.Timeout | undefined;
  #isOver = false;
  #resolve: (agents: readonly Agent[]) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#isOpen = options.run.programs.some(({ ranks }) => ranks === null);
    this.complete = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // It may be over before anybody awaits it.
    this.complete.catch(() => {});
    this.#timer = setTimeout(() => this.#giveUp(), options.timeoutMs);
    const { signal } = options;
    const abort = (): void => this.#fail(signal.reason as Error);
    signal.addEventListener("abort", abort);
    this.#look();
    if (signal.aborted) abort();
  }

  joined(agent: Agent): void {
    if (this.#isOver) return;
    this.agents = [...this.agents, agent];
    this.#look();
  }

  /** One that has joined has ended. From the start of the job on that is the job's affair. */
  left(agent: Agent): void {
    if (this.#isOver) return;
    this.agents = this.agents.filter((other) => other !== agent);
    this.#look();
  }

  /** No more are waited for. */
  get isOver(): boolean {
    return this.#isOver;
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#lastCall);
  }

  #look(): void {
    clearTimeout(this.#lastCall);
    if (!this.#isOpen) {
      // More ranks than slots only if nobody comes who has some.
      if (this.#problem({ oversubscribe: false }) === null) this.#begin();
    } else if (this.agents.length > 0)
      this.#lastCall = setTimeout(() => this.#begin(), LAST_CALL_MS);
  }

  #begin(): void {
    this.close();
    this.#resolve(this.agents);
  }

  #fail(error: Error): void {
    this.close();
    this.#reject(error);
  }

  /** Why the ranks have no place; null: they have. */
  #problem({ oversubscribe }: { readonly oversubscribe: boolean }) {
    const { run, named } = this.#options;
    const all = [...named, ...this.agents];
    if (all.length === 0) return "no agent has joined";
    try {
      placeRanks({ ...run, hosts: { ...run.hosts, oversubscribe } }, all);
      return null;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return error.message;
    }
  }

  #giveUp(): void {
    const { run, timeoutMs } = this.#options;
    const isAnybodyThere = this.agents.length > 0;
    const problem =
      this.#isOpen && !isAnybodyThere
        ? "no agent has joined"
        : this.#problem(run.hosts);
    if (problem === null) return this.#begin();
    this.#fail(
      new HostError(
        `within ${timeoutMs / 1000} s ${isAnybodyThere ? `there is no place for all ranks: ${problem}` : problem}; run "tsrun agent --join HOST:${run.hosts.agents!.port}" on each host, with the same TSMPI_JOB_KEY, or raise --start-timeout`,
      ),
    );
  }
}
