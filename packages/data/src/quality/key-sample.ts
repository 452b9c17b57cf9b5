import { mixed } from "../mixed";

/** Of all ranks together; a rank alone, before it knows of others, keeps as many. */
export const MOST_SAMPLED_KEYS = 1 << 17;

/**
 * Keys of a rank's records in an epoch, to be compared with those of others: all of them, or, where these are too many, those whose
 * hash has so many zeros at its end. So every rank leaves out the same keys. Plain data, which travels to the root.
 */
export interface KeySample {
  readonly zeros: number;
  /** 52 bits of each key. */
  readonly hashes: readonly number[];
  /** Of each the number of its record within the file, and of the file among these paths. */
  readonly records: readonly number[];
  readonly files: readonly number[];
  readonly paths: readonly string[];
}

interface Place {
  readonly path: string;
  readonly record: number;
}

/** Collects the keys of an epoch, in bounded memory. */
export class KeySampler {
  readonly #most: number;
  #zeros = 0;
  readonly #places = new Map<number, Place>();

  constructor(most = MOST_SAMPLED_KEYS) {
    this.#most = most;
  }

  add(key: string, path: string, record: number): void {
    const hash = hashOf(key);
    if (!hasZeros(hash, this.#zeros)) return;
    this.#places.set(hash, { path, record });
    while (this.#places.size > this.#most) {
      this.#zeros++;
      for (const one of this.#places.keys())
        if (!hasZeros(one, this.#zeros)) this.#places.delete(one);
    }
  }

  sample(): KeySample {
    const places = [...this.#places.values()];
    const paths = [...new Set(places.map(({ path }) => path))];
    const numbers = new Map(paths.map((path, number) => [path, number]));
    return {
      ...{ zeros: this.#zeros, hashes: [...this.#places.keys()], paths },
      records: places.map(({ record }) => record),
      files: places.map(({ path }) => numbers.get(path)!),
    };
  }
}

/** With no more than `most` keys. */
export function thinned(sample: KeySample, most: number): KeySample {
  let { zeros } = sample;
  let kept = [...sample.hashes.keys()];
  while (kept.length > most) {
    zeros++;
    kept = kept.filter((i) => hasZeros(sample.hashes[i]!, zeros));
  }
  const of = (all: readonly number[]) => kept.map((i) => all[i]!);
  const { hashes, records, files, paths } = sample;
  return {
    ...{ zeros, hashes: of(hashes), paths },
    ...{ records: of(records), files: of(files) },
  };
}

/** Keys that several ranks have. */
export interface SharedKeys {
  /** Records that have the key of one of a lower rank; where only some keys are compared, about so many. */
  readonly records: number;
  /** In words, with the places of both. */
  readonly examples: readonly string[];
}

/** Pure. @param samples by rank; null: it looks at no keys, or is gone */
export function sharedKeys(
  samples: readonly (KeySample | null)[],
  mostExamples: number,
): SharedKeys {
  const zeros = Math.max(0, ...samples.map((sample) => sample?.zeros ?? 0));
  const owners = new Map<number, string>();
  const examples: string[] = [];
  let records = 0;
  for (const [rank, sample] of samples.entries())
    sample?.hashes.forEach((hash, i) => {
      if (!hasZeros(hash, zeros)) return;
      const place = `${sample.paths[sample.files[i]!]}, record ${sample.records[i]}`;
      const owner = owners.get(hash);
      if (owner === undefined) {
        owners.set(hash, `${place} (rank ${rank}`);
        return;
      }
      // What two ranks got to be equal is one record.
      if (owner.startsWith(`${place} (`)) return;
      records++;
      if (examples.length < mostExamples)
        examples.push(
          `${place} (rank ${rank}): the record has the key of ${owner}${zeros > 0 ? `; of ${2 ** zeros} keys one is compared across ranks` : ""})`,
        );
    });
  return { records: records * 2 ** zeros, examples };
}

const LANE_BITS = 20;

const hasZeros = (hash: number, zeros: number): boolean =>
  Math.floor(hash / 2 ** LANE_BITS) % 2 ** zeros === 0;

/** 52 bits: of a million keys two have the same once in ten thousand epochs. */
function hashOf(key: string): number {
  let [high, low] = [0x811c_9dc5, 0x9747_b28c];
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x0100_0193);
    low = Math.imul(low ^ unit, 0x5bd1_e995) ^ (low >>> 15);
  }
  return mixed(high) * 2 ** LANE_BITS + (mixed(low) >>> (32 - LANE_BITS));
}
