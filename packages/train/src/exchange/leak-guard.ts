/** Steps at the start that make what stays: the optimizer's slots. */
const SETTLING_STEPS = 2;
/** So many steps in a row, and it is no accident. */
const STEPS_IN_A_ROW = 5;

/** Finds steps that leave tensors behind, from the number of tensors at the start of each step. */
export class LeakGuard {
  #seen = 0;
  /** The step since which each has begun with more tensors than the one before, and its number. */
  #first: { readonly step: number; readonly tensors: number } | null = null;
  #last: { readonly step: number; readonly tensors: number } | null = null;

  /**
   * Called before each step.
   *
   * @param tensors in existence
   * @returns what to tell the user; null if all is well
   */
  observe(step: number, tensors: number): string | null {
    this.#seen++;
    const before = this.#last;
    this.#last = { step, tensors };
    if (this.#seen <= SETTLING_STEPS || before === null) return null;
    if (tensors <= before.tensors) {
      this.#first = null;
      return null;
    }
    this.#first ??= before;
    const { step: first, tensors: start } = this.#first;
    if (step - first < STEPS_IN_A_ROW) return null;
    const perStep = (tensors - start) / (step - first);
    return `each step since step ${first} leaves ${Number(perStep.toFixed(1))} tensors behind (${start} at step ${first}, ${tensors} at step ${step}); wrap it in tf.tidy, or dispose what it makes`;
  }
}
