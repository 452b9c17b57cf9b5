import {
  bytesPerElement,
  type Dtype,
  DTYPES,
  isFloat,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";
import { averageOver, kernelFor } from "../reduce-kernels";
import { REDUCE_OPS } from "../reduce-ops";
import { SegmentKernels } from "./kernels";
import { firstDifference } from "../../../../test/support/first-difference";
import { isDefined } from "../../../../test/support/is-defined";
import { wasmMemory } from "../../../../test/support/wasm-memory";

/** All patterns of 16 bits, and an odd rest. */
const LENGTH = 65_536 + 7;
const A = 64;
const B = A + 8 * LENGTH;
const BYTES = B + 8 * LENGTH;
const memory = wasmMemory(BYTES);
const bytes = new Uint8Array(memory.buffer);
const kernels = new SegmentKernels(memory);

const SPECIAL = [
  0,
  -0,
  NaN,
  Infinity,
  -Infinity,
  1.5,
  -3,
  2 ** -140,
  65_519,
  65_520,
  1e38,
];

/** Every pair of special numbers among random bits; of halves every pattern. */
function fill(array: TypedArray, dtype: Dtype, step: number): void {
  let state = 1 + step;
  const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let i = 0; i < view.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    view[i] = state >>> 16;
  }
  for (let i = 0; i < LENGTH; i++)
    if (bytesPerElement(dtype) === 2 && step === 1) array[i] = i & 0xffff;
    else if (isFloat(dtype) && bytesPerElement(dtype) > 2 && i % 3 === 0)
      array[i] = SPECIAL[Math.floor(i / 3 / step) % SPECIAL.length]!;
}

const plain = (dtype: Dtype, address: number): TypedArray =>
  viewAs(
    dtype,
    bytes.slice(address, address + LENGTH * bytesPerElement(dtype)).buffer,
    0,
    LENGTH,
  );

describe.each(DTYPES)("Kernels in shared memory, on %s,", (dtype) => {
  const length = LENGTH - 1;
  const size = length * bytesPerElement(dtype);
  const inMemory = (address: number) =>
    viewAs(dtype, memory.buffer, address, LENGTH);

  let filled: Uint8Array;
  beforeAll(() => {
    fill(inMemory(A), dtype, 1);
    fill(inMemory(B), dtype, SPECIAL.length);
    filled = bytes.slice();
  });
  beforeEach(() => {
    bytes.set(filled);
  });

  it.each(REDUCE_OPS.filter((op) => isDefined(op, dtype)))(
    "do %s as those in JavaScript do, and nothing behind the end",
    (op) => {
      const [a, b] = [plain(dtype, A), plain(dtype, B)];
      kernelFor(op, dtype)(
        a.subarray(0, length),
        a.subarray(0, length),
        b.subarray(0, length),
      );
      kernels.for(op, dtype).reduce(A, A, B, size);
      expect(firstDifference(plain(dtype, A), a)).toBeNull();
    },
  );

  if (isFloat(dtype))
    it("divide as JavaScript does", () => {
      const a = plain(dtype, A);
      averageOver(3, a.subarray(0, length), dtype);
      kernels.for("AVG", dtype).divide(A, size, 3);
      expect(firstDifference(plain(dtype, A), a)).toBeNull();
    });
});

it("copies", () => {
  bytes.fill(1, A, A + 100);
  bytes.fill(2, B, B + 100);
  kernels.copy(A + 1, B, 98);
  expect([...bytes.subarray(A, A + 100)]).toEqual([
    1,
    ...Array<number>(98).fill(2),
    1,
  ]);
});

describe.each([1, 3, 4, 16, 37])("scaling %i numbers", (length) => {
  const values = new Float32Array(memory.buffer, A, length + 1);
  beforeEach(() => values.forEach((_, i) => (values[i] = 1.1 * i - 7)));
  const scale = (factor: number) =>
    kernels.scale(A, length * values.BYTES_PER_ELEMENT, factor);

  it("multiplies each of them by the factor, rounded to float32, and nothing behind them", () => {
    const expected = values.map((value, i) =>
      i < length ? value * Math.fround(1 / 3) : value,
    );
    expect(scale(1 / 3)).toBe(true);
    expect([...values]).toEqual([...expected]);
  });

  it.each([NaN, Infinity, -Infinity, 3e38])(
    "tells of %d in any place",
    (odd) => {
      for (let at = 0; at < length; at++) {
        values.fill(1);
        values[at] = odd;
        expect(scale(2)).toBe(false);
      }
      values[length] = odd;
      values.fill(1, 0, length);
      expect(scale(2)).toBe(true);
    },
  );
});
