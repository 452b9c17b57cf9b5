/**
 * First in, first out, with removal from the middle in constant time. An item may be in several chains at once, one in each
 * lane, and says itself who stands beside it there.
 */
export interface Linked<Item> {
  readonly before: (Item | null)[];
  readonly behind: (Item | null)[];
}

export class Chain<Item extends Linked<Item>> {
  readonly #lane: number;
  first: Item | null = null;
  #last: Item | null = null;

  constructor(lane: number) {
    this.#lane = lane;
  }

  push(item: Item): void {
    const lane = this.#lane;
    item.before[lane] = this.#last;
    item.behind[lane] = null;
    if (this.#last) this.#last.behind[lane] = item;
    else this.first = item;
    this.#last = item;
  }

  /** @param item one that is in this chain */
  remove(item: Item): void {
    const lane = this.#lane;
    const before = item.before[lane] ?? null;
    const behind = item.behind[lane] ?? null;
    if (before) before.behind[lane] = behind;
    else this.first = behind;
    if (behind) behind.before[lane] = before;
    else this.#last = before;
  }
}

/** Chains by key; one that is empty is forgotten. */
export class Chains<Item extends Linked<Item>> {
  readonly #lane: number;
  readonly #chains = new Map<number, Chain<Item>>();

  constructor(lane: number) {
    this.#lane = lane;
  }

  push(key: number, item: Item): void {
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      chain = new Chain(this.#lane);
      this.#chains.set(key, chain);
    }
    chain.push(item);
  }

  first(key: number): Item | null {
    return this.#chains.get(key)?.first ?? null;
  }

  remove(key: number, item: Item): void {
    const chain = this.#chains.get(key)!;
    chain.remove(item);
    if (chain.first === null) this.#chains.delete(key);
  }
}
