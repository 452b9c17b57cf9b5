import { MPI } from "@tsmpi/worker";

/** One rank's gradient of one variable; null if the variable took no part in its step. */
export type Gradient = Float32Array | null;

/**
 * All gradients of a step fused into one buffer in shared memory, so that one all-reduce averages them:
 *
 *     [ weight | present 0 … present n−1 | weight × gradient 0 | … | weight × gradient n−1 ]
 *
 * The weight is the number of samples behind the gradient: ranks with a ragged last batch count less, and the average is
 * exactly the gradient of the big batch. `present` counts the ranks on which a variable took part.
 */
export class Bucket {
  readonly #lengths: readonly number[];
  readonly #buffer: Float32Array;

  /** @param lengths elements of each variable */
  constructor(lengths: readonly number[]) {
    this.#lengths = lengths;
    const elements = lengths.reduce((sum, length) => sum + length, 0);
    this.#buffer = MPI.Alloc_mem(Float32Array, 1 + lengths.length + elements);
  }

  /** Averages over all ranks, weighted. Blocks. The results own their memory. */
  average(gradients: readonly Gradient[], weight: number): Gradient[] {
    this.#pack(gradients, weight);
    MPI.COMM_WORLD.Allreduce(MPI.IN_PLACE, this.#buffer);
    return this.#unpack();
  }

  free(): void {
    MPI.Free_mem(this.#buffer);
  }

  #pack(gradients: readonly Gradient[], weight: number): void {
    const buffer = this.#buffer;
    buffer[0] = weight;
    this.#forEach((i, start, end) => {
      const gradient = gradients[i]!;
      buffer[1 + i] = gradient === null ? 0 : 1;
      if (gradient === null) buffer.fill(0, start, end);
      else scaleInto(buffer.subarray(start, end), gradient, weight);
    });
  }

  #unpack(): Gradient[] {
    const buffer = this.#buffer;
    const averages: Gradient[] = [];
    this.#forEach((i, start, end) => {
      if (buffer[1 + i] === 0) averages.push(null);
      else {
        const average = new Float32Array(end - start);
        scaleInto(average, buffer.subarray(start, end), 1 / buffer[0]!);
        averages.push(average);
      }
    });
    return averages;
  }

  #forEach(visit: (i: number, start: number, end: number) => void): void {
    let start = 1 + this.#lengths.length;
    this.#lengths.forEach((length, i) => {
      visit(i, start, start + length);
      start += length;
    });
  }
}

function scaleInto(
  target: Float32Array,
  source: Float32Array,
  factor: number,
): void {
  for (let i = 0; i < target.length; i++) target[i] = source[i]! * factor;
}
