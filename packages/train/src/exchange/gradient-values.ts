import { tensorMemory } from "@tsmpi/engine";
import type { Tensor } from "@tensorflow/tfjs";

/** What gradients are read into: always the same arrays, since new ones each step would keep the garbage collector busy. */
export class GradientValues {
  readonly #arrays: Float32Array[] = [];

  /**
   * @param wanted where they would best go, if they fit
   * @returns its values, until the next gradient of this place is read
   */
  read(
    tensor: Tensor,
    place: number,
    wanted: Float32Array | null,
  ): Float32Array {
    const values =
      wanted?.length === tensor.size ? wanted : this.#array(place, tensor.size);
    if (tensor.dtype === "float32") tensorMemory().read(tensor, values);
    else values.set(tensor.dataSync());
    return values;
  }

  #array(place: number, length: number): Float32Array {
    let array = this.#arrays[place];
    if (array?.length !== length)
      array = this.#arrays[place] = new Float32Array(length);
    return array;
  }

  free(): void {
    this.#arrays.length = 0;
  }
}
