import { DataError } from "@tsmpi/protocol";

/** Of more names than this in one file, each is decoded anew. */
const MOST_NAMES = 512;

export interface Known<T> {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly about: T;
  /** What followed in the last example: most examples have their features in one order. */
  next: Known<T> | null;
}

/** The names of features, each decoded once, with what is known about it. */
export class FeatureNames<T> {
  readonly #known: Known<T>[] = [];
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #about: (name: string) => T;
  /** In front of the first of an example. */
  readonly #beginning: { next: Known<T> | null } = { next: null };
  #last = this.#beginning;

  constructor(about: (name: string) => T) {
    this.#about = about;
  }

  /** The next example begins. */
  restart(): void {
    this.#last = this.#beginning;
  }

  /** @throws {DataError} it is no UTF-8 */
  find(bytes: Uint8Array, start: number, end: number): Known<T> {
    const expected = this.#last.next;
    const found =
      expected !== null && isSame(expected.bytes, bytes, start, end)
        ? expected
        : (this.#known.find((one) => isSame(one.bytes, bytes, start, end)) ??
          this.#learn(bytes.slice(start, end)));
    this.#last.next = found;
    this.#last = found;
    return found;
  }

  #learn(bytes: Uint8Array): Known<T> {
    let name: string;
    try {
      name = this.#utf8.decode(bytes);
    } catch (cause) {
      throw new DataError("the name of a feature is no UTF-8", { cause });
    }
    const known = { bytes, name, about: this.#about(name), next: null };
    if (this.#known.length < MOST_NAMES) this.#known.push(known);
    return known;
  }
}

function isSame(
  name: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const { length } = name;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++)
    if (name[i] !== bytes[start + i]) return false;
  return true;
}
