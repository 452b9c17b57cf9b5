import type { Tensor } from "@tensorflow/tfjs";
import type { FusedAverage, Signals } from "./fused-average";

export interface StreamOptions {
  readonly fused: FusedAverage;
  readonly signals: Signals;
  /** Of the entries. */
  readonly names: readonly string[];
  readonly read: (tensor: Tensor, entry: number) => Float32Array;
}

/** The gradients of one step, which leave while others are still being computed: a bucket when all of its gradients are ready. */
export class GradientStream {
  readonly #options: StreamOptions;
  readonly #entries: ReadonlyMap<string, number>;
  readonly #waiting = new Map<number, Tensor>();
  readonly #put = new Set<number>();

  /** The average begins. */
  constructor(options: StreamOptions) {
    this.#options = options;
    this.#entries = new Map(options.names.map((name, entry) => [name, entry]));
    options.fused.begin(options.signals);
  }

  /** Reads buckets at once: each read makes a GPU finish what it has begun. */
  add(name: string, tensor: Tensor): void {
    const { fused, read } = this.#options;
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#waiting.set(entry, tensor);
    for (
      let next = fused.nextEntries;
      next?.every((one) => this.#waiting.has(one));
      next = fused.nextEntries
    )
      for (const one of next) {
        fused.put(one, read(this.#waiting.get(one)!, one));
        this.#put.add(one);
      }
  }

  get signals(): Signals {
    return this.#options.signals;
  }

  /** Whether it has left. */
  has(entry: number): boolean {
    return this.#put.has(entry);
  }
}
