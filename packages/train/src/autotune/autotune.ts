import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "@tsmpi/engine";
import { readEnvironment } from "@tsmpi/protocol";
import { MPI, tunableAllreduces } from "@tsmpi/worker";
import { elementsOf, type VariableLayout } from "../exchange/layout";
import { askedWay, type Way } from "../exchange/way";
import { info, notice, warn } from "../log";
import type { ResolvedOptions } from "../options";
import { type Progress, tuningBegins } from "./at-exit";
import { type Choice, decide, type Trial } from "./decide";
import { choiceFile, readChoice, writeChoice } from "./kept-choice";
import {
  describeBeginning,
  describeChoice,
  describeKept,
  describeRefused,
  describeTrial,
  mostSteps,
} from "./report";
import { mostTrials, type Space, spaceOf } from "./space";
import {
  FIRST_STEPS,
  SETTLING_STEPS,
  slowestMedian,
  StepTimes,
} from "./step-times";
import { type Case, caseOf, ownPlace } from "./surroundings";
import { Turn } from "./turn";

const BYTES_PER_ELEMENT = 4;

/** Of all trainings of this program. */
const turn = new Turn<Autotune>();

/**
 * Finds out, in the first steps of one training, which way to exchange its gradients is the fastest. Each way is tried for some
 * steps that count, of which all ranks tell each other their times behind the last one; all decide alike, from the same numbers.
 * Rank 0 speaks, and keeps the choice for later jobs.
 */
export class Autotune {
  readonly #space: Space;
  readonly #case: Case;
  readonly #trials: Trial[] = [];
  #way: Way;
  #times: StepTimes | null = null;
  #steps = 0;
  #isOver = false;

  /**
   * Every rank calls this when it has agreed on its variables. Blocks.
   *
   * @returns null: it is not wanted
   */
  static begin(
    layout: readonly VariableLayout[],
    options: ResolvedOptions,
  ): Autotune | null {
    const { autotune: tunable } = options;
    const { size } = MPI.COMM_WORLD;
    if (tunable === null || size === 1) return null;
    const elements = layout.reduce((sum, one) => sum + elementsOf(one), 0);
    const asked = readEnvironment(process.env).allreduce;
    const space = spaceOf({
      ...{ start: askedWay(options), tunable },
      algorithms: tunableAllreduces(size),
      totalBytes: elements * BYTES_PER_ELEMENT,
      isForced: asked !== "auto",
    });
    const places = MPI.COMM_WORLD.allgather(ownPlace());
    return new Autotune(space, caseOf(places, layout, space));
  }

  private constructor(space: Space, one: Case) {
    this.#space = space;
    this.#case = one;
    this.#way = space.start;
    const kept = MPI.COMM_WORLD.bcast(this.#isRoot ? this.#look() : null);
    if (kept) this.#way = kept;
    this.#isOver = kept !== null || mostTrials(space) === 1;
    if (!this.#isRoot) return;
    tuningBegins(this);
    if (kept === null) notice(describeBeginning(space));
  }

  /** What to use now. */
  get way(): Way {
    return this.#way;
  }

  get progress(): Progress {
    return {
      ...{ steps: this.#steps, mostSteps: mostSteps(this.#space) },
      isOver: this.#isOver,
    };
  }

  /** Every rank calls this behind each update; blocks at the end of a trial. Afterwards `way` may be another. */
  afterUpdate(): void {
    if (this.#isOver || !turn.isOf(this)) return;
    this.#steps++;
    const nowMs = performance.now();
    if (this.#times === null)
      this.#times = new StepTimes(FIRST_STEPS - 1, nowMs);
    else this.#times.lap(nowMs);
    if (this.#times.isFull) this.#endTrial(this.#times);
  }

  /** The variables have changed, or nobody trains them any more. */
  giveUp(): void {
    turn.end(this);
  }

  get #isRoot(): boolean {
    return MPI.COMM_WORLD.rank === 0;
  }

  get #file(): string {
    return choiceFile(cacheDirectory(), this.#case);
  }

  #endTrial({ measured }: StepTimes): void {
    const stepMs = slowestMedian(MPI.COMM_WORLD.allgather(measured));
    this.#trials.push({ way: this.#way, stepMs });
    const decision = decide(this.#space, this.#trials);
    this.#way = decision.way;
    if (decision.type === "choose") {
      this.#isOver = true;
      turn.end(this);
      if (this.#isRoot) this.#keep(decision);
      return;
    }
    if (this.#isRoot) info(describeTrial(decision.way, decision.reason));
    this.#times = new StepTimes(SETTLING_STEPS, performance.now());
  }

  /** What an earlier job has chosen, if it can be used. */
  #look(): Way | null {
    const file = this.#file;
    const found = readChoice(file, this.#case, ownVersion());
    switch (found.type) {
      case "none":
        return null;
      case "refused":
        warn(describeRefused(file, found.why));
        return null;
      case "kept":
        notice(describeKept(found.kept, file));
        return found.kept.way;
    }
  }

  #keep(choice: Choice): void {
    const space = this.#space;
    let file: string | null = this.#file;
    try {
      const version = ownVersion();
      const madeAt = new Date().toISOString();
      const trials = this.#trials;
      writeChoice(file, { version, madeAt, case: this.#case, trials }, choice);
    } catch (error) {
      warn(
        `autotune: the choice cannot be kept in ${file}: ${(error as Error).message}; TSMPI_CACHE_DIR names another folder`,
      );
      file = null;
    }
    notice(describeChoice(choice, this.#trials, { space, file }));
  }
}

const ownVersion = (): string =>
  (
    JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as {
      version: string;
    }
  ).version;
