import { placeOf } from "./call-site";

/** Calls that have ended, of which it is remembered where they were made: peers may still say that theirs is another one. */
const REMEMBERED = 64;

/** Where this rank's program has made its calls: asked for only when ranks disagree. */
export class CallSites {
  /** Calls that have no outcome yet. */
  readonly #underWay: { has(id: number): boolean; readonly size: number };
  readonly #sites = new Map<number, Error>();

  constructor(underWay: { has(id: number): boolean; readonly size: number }) {
    this.#underWay = underWay;
  }

  /** Of a call that is not waited for at once. */
  remember(id: number, site: Error): void {
    this.#sites.set(id, site);
  }

  /** Of a call that is waited for nothing needs to be remembered: this thread is in it right now. */
  placeOf(id: number): string | null {
    const site = this.#sites.get(id);
    if (site) return placeOf(site);
    return this.#underWay.has(id) ? placeOf(new Error()) : null;
  }

  /** A call has ended. */
  forgetOldest(): void {
    for (const id of this.#sites.keys()) {
      if (this.#sites.size <= REMEMBERED + this.#underWay.size) return;
      this.#sites.delete(id);
    }
  }
}
