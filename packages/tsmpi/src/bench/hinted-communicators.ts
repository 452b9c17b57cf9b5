import type { Collective } from "@tsmpi/collective";
import { algorithmKey, type Intracomm, MPI } from "@tsmpi/worker";

/** Duplicates of a communicator that use one algorithm each. Every rank asks for them in the same order. */
export class HintedCommunicators {
  readonly #original: Intracomm;
  readonly #made = new Map<string, Intracomm>();

  constructor(original: Intracomm) {
    this.#original = original;
  }

  using(collective: Collective, algorithm: string): Intracomm {
    const known = this.#made.get(algorithm);
    if (known) return known;
    const hints = MPI.Info.Create({ [algorithmKey(collective)]: algorithm });
    const made = this.#original.Dup(hints);
    this.#made.set(algorithm, made);
    return made;
  }
}
