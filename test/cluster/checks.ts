import type { Outcome } from "./suites.ts";

/** Runs checks one after the other, and tells of each. */
export class Checks {
  #passed = 0;
  #failed = 0;

  get outcome(): Extract<Outcome, { readonly failed: number }> {
    return { passed: this.#passed, failed: this.#failed };
  }

  /** @param body returns what is worth telling besides; throws where the check fails */
  async check(
    name: string,
    body: () => Promise<string | void>,
  ): Promise<boolean> {
    const startMs = performance.now();
    const seconds = (): string =>
      `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
    try {
      const remark = await body();
      this.#passed++;
      console.log(`ok ${name} (${remark ? `${remark}, ` : ""}${seconds()})`);
      return true;
    } catch (error) {
      this.#failed++;
      console.log(`FAILED ${name} (${seconds()}): ${(error as Error).message}`);
      return false;
    }
  }
}

/** @throws {Error} it does not hold */
export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
