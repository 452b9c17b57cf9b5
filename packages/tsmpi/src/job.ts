import type { Readable, Writable } from "node:stream";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeStatus, encodeNews, type StatusMessage } from "@tsmpi/protocol";
import { Forwarding } from "./forward";
import type { Host, ProcessEnd, RankProcess } from "./hosts/host";
import { linePrefix, Pieces, Sink } from "./output";
import { hostOf, type Plan } from "./plan";
import { describeFailure } from "./report";
import type { StreamName, Surroundings } from "./surroundings";
import { summarize, type Summary } from "./summary";
import {
  initialState,
  running,
  wakeAtMs,
  type Failure,
  type JobEffect,
  type JobEvent,
  type JobState,
} from "./job-state";
import { supervise } from "./supervise";

export interface JobRun {
  readonly plan: Plan;
  /** Where the plan's ranks run. */
  readonly hosts: readonly Host[];
  readonly timeoutMs: number | null;
  readonly recovery: boolean;
  readonly tagOutput: boolean;
  readonly timestampOutput: boolean;
  /** Opens the file that gets what a rank prints, beside the terminal. */
  readonly openFile: ((rank: number, stream: StreamName) => Writable) | null;
  readonly surroundings: Surroundings;
}

/** How long the last words of a rank may take to arrive after its end. */
const LAST_WORDS_MS = 100;
const SHOW_PARTIAL_MS = 50;

/** Runs a job to its end. Does what `supervise` decides; leaves no process behind. */
export function runJob(run: JobRun): Promise<Summary> {
  return new Job(run).run();
}

class Job {
  private state: JobState;
  private readonly queue: JobEvent[] = [];
  private busy = false;
  private timer: NodeJS.Timeout | undefined;
  /** Of each rank that was started. */
  private readonly processes = new Map<number, RankProcess>();
  private readonly forwardings: Forwarding[] = [];
  private readonly statuses: StatusMessage[] = [];
  private failure: Failure | null = null;
  /** To the coordinator, if it wants news. */
  private news: Writable | null = null;
  private readonly startMs = performance.now();
  private finish: (exitCode: number) => void = () => {};

  private readonly sinks = new Map<Writable, Sink>();

  constructor(private readonly options: JobRun) {
    const { plan, timeoutMs, recovery } = options;
    this.state = initialState({
      size: plan.ranks.length,
      masterPort: plan.masterPort,
      timeoutMs,
      startTimeoutMs: plan.startTimeoutMs,
      recovery,
    });
  }

  async run(): Promise<Summary> {
    const finished = new Promise<number>((resolve) => (this.finish = resolve));
    const stopListening = this.options.surroundings.listen({
      onEnd: (signal) => this.on({ type: "signal", signal }),
      onPass: (signal) => this.pass(signal),
      onSuspend: () => {
        for (const host of this.options.hosts) host.suspend();
      },
    });
    this.on({ type: "begin" });
    const exitCode = await finished;
    if (exitCode === 0 && !this.isTuned) this.say(NOT_TUNED);
    const wallMs = performance.now() - this.startMs;
    stopListening();
    clearTimeout(this.timer);
    await Promise.all(this.forwardings.map((forwarding) => forwarding.stop()));
    const { state, statuses, failure } = this;
    return summarize({ state, exitCode, wallMs, statuses, failure });
  }

  /** As far as it was asked for. */
  private get isTuned(): boolean {
    return (
      !this.options.plan.autotune ||
      this.statuses.some(({ type }) => type === "autotune")
    );
  }

  private sinkOf(writable: Writable, name: StreamName): Sink {
    const known = this.sinks.get(writable);
    if (known) return known;
    const sink = new Sink(writable, ({ code, message }) =>
      this.on({
        type: "output-closed",
        why: code === "EPIPE" ? null : `cannot write to ${name}: ${message}`,
      }),
    );
    this.sinks.set(writable, sink);
    return sink;
  }

  /** One event at a time, in order: an effect may raise the next. */
  private on(event: JobEvent): void {
    this.queue.push(event);
    if (this.busy) return;
    this.busy = true;
    for (let next; (next = this.queue.shift());) {
      const { state, effects } = supervise(this.state, next, performance.now());
      this.state = state;
      for (const effect of effects) this.perform(effect);
    }
    this.busy = false;
    this.setTimer();
  }

  private setTimer(): void {
    clearTimeout(this.timer);
    const atMs = wakeAtMs(this.state);
    if (atMs === null) return;
    const waitMs = Math.min(atMs - performance.now(), LONGEST_TIMER_MS);
    this.timer = setTimeout(
      () => this.on({ type: "time" }),
      Math.max(0, Math.ceil(waitMs)),
    );
  }

  private perform(effect: JobEffect): void {
    switch (effect.type) {
      case "start":
        for (const rank of effect.ranks) this.start(rank, effect.masterPort);
        return;
      case "signal":
        for (const rank of effect.ranks)
          this.processes.get(rank)?.signal(effect.signal);
        return;
      case "report":
        // What ends the job is what counts; else the first failure that it survived.
        if (!effect.goesOn || this.failure === null)
          this.failure = effect.failure;
        this.say(
          describeFailure(effect.failure, {
            host: hostOf(this.options.plan, effect.failure.rank),
            others: effect.others,
            goesOn: effect.goesOn,
          }),
        );
        return;
      case "tell":
        this.news?.write(encodeNews(effect.news));
        return;
      case "say":
        this.say(effect.text);
        return;
      case "finish":
        this.finish(effect.exitCode);
        return;
    }
  }

  private say(text: string): void {
    const sink = this.sinkOf(this.options.surroundings.messages, "stderr");
    void sink.write(Buffer.from(`tsrun: ${text}\n`), this);
  }

  private pass(signal: NodeJS.Signals): void {
    for (const rank of running(this.state))
      this.processes.get(rank)?.signal(signal);
  }

  private start(rank: number, masterPort: number): void {
    const { plan, hosts } = this.options;
    const order = plan.ranks[rank]!;
    const process = hosts[order.host]!.start(
      { ...order, env: { ...order.env, MASTER_PORT: String(masterPort) } },
      {
        started: (pid) => this.on({ type: "started", rank, pid }),
        notStarted: (why) => this.on({ type: "not-started", rank, why }),
        ended: (end) => void this.ended(rank, end, reading),
        lost: (why) => this.on({ type: "lost", rank, why }),
      },
    );
    this.processes.set(rank, process);
    this.news ??= process.news;
    const reading = [
      this.forward(rank, "stdout", process.output.stdout),
      this.forward(rank, "stderr", process.output.stderr),
      this.readStatus(rank, process.status),
    ];
  }

  private async ended(
    rank: number,
    end: ProcessEnd,
    reading: readonly Promise<unknown>[],
  ): Promise<void> {
    await Promise.race([Promise.all(reading), sleep(LAST_WORDS_MS)]);
    this.on({ type: "ended", rank, ...end });
  }

  private forward(
    rank: number,
    stream: StreamName,
    source: Readable,
  ): Promise<void> {
    const { tagOutput, timestampOutput, openFile, surroundings } = this.options;
    const isTTY = surroundings.isTerminal(stream);
    const prefix = linePrefix({
      rank,
      stream,
      tag: tagOutput,
      timestamp: timestampOutput,
      now: () => new Date(),
    });
    const forwarding = new Forwarding({
      source,
      pieces: new Pieces({ prefix, carriageReturnEnds: isTTY }),
      sink: this.sinkOf(surroundings.writable(stream, rank), stream),
      file: openFile?.(rank, stream) ?? null,
      showPartialAfterMs: isTTY && prefix === null ? SHOW_PARTIAL_MS : null,
    });
    this.forwardings.push(forwarding);
    return forwarding.done;
  }

  private readStatus(rank: number, input: Readable): Promise<void> {
    input.on("error", () => {});
    return new Promise((resolve) => {
      createInterface({ input })
        .on("line", (line) => {
          const message = decodeStatus(line);
          if (message === null) return;
          this.statuses.push(message);
          this.on({ type: "status", rank, message });
        })
        .on("close", resolve);
    });
  }
}

const NOT_TUNED =
  "--autotune: there was nothing to tune: the program has distributed no model and no optimizer; call distribute(model) before it trains, or leave --autotune out";

/** setTimeout takes no more than 2^31 − 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
