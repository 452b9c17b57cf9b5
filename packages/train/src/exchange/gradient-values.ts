import { tensorMemory } from "@tsmpi/engine";
import type { Tensor } from "@tensorflow/tfjs";

/** What gradients are read into: always the same arrays, since new ones each step would keep the garbage collector busy. */
export class GradientValues {
  readonly #arrays: Float32Array[] = [];

  /** @returns its values, until the next gradient of this place is read */
  read(tensor: Tensor, place: number): Float32Array {
    let values = this.#arrays[place];
    if (values?.length !== tensor.size)
      values = this.#arrays[place] = new Float32Array(tensor.size);
    if (tensor.dtype === "float32") tensorMemory().read(tensor, values);
    else values.set(tensor.dataSync());
    return values;
  }

  free(): void {
    this.#arrays.length = 0;
  }
}
