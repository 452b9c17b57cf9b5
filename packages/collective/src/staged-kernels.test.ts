import { bytesPerElement, DTYPES, viewAs } from "@tsmpi/protocol";
import { firstDifference } from "../../../test/support/first-difference";
import { isDefined } from "../../../test/support/is-defined";
import { wasmMemory } from "../../../test/support/wasm-memory";
import { kernelFor } from "./reduce-kernels";
import { REDUCE_OPS } from "./reduce-ops";
import { StagedKernels } from "./staged-kernels";

const PAGE_BYTES = 65_536;
const STAGE = { address: 3 * PAGE_BYTES, bytes: 1024 };
const memory = wasmMemory(4 * PAGE_BYTES);
const kernels = new StagedKernels(memory, STAGE);

/** Small numbers, of which no product overflows in one dtype and not in another. */
const numbersFrom = (start: number) => (_: unknown, i: number) =>
  ((start + 7 * i) % 11) + 1;

describe.each(DTYPES)("StagedKernels on %s", (dtype) => {
  const isBig = dtype === "bigint64" || dtype === "biguint64";
  /** Several pieces and an odd rest; below the least, one that is reduced in JavaScript. */
  const lengths = [10_006, 100, 0];
  const fill = (buffer: ArrayBufferLike, length: number, start: number) => {
    const array = viewAs(dtype, buffer, 64, length);
    const number = numbersFrom(start);
    for (let i = 0; i < length; i++)
      array[i] = isBig ? BigInt(number(null, i)) : number(null, i);
    return array;
  };
  const elsewhere = (length: number, start: number) =>
    fill(new ArrayBuffer(64 + length * bytesPerElement(dtype)), length, start);

  it.each(REDUCE_OPS.filter((op) => isDefined(op, dtype)))(
    "%s gives what kernelFor gives, whichever operand has arrived",
    (op) => {
      for (const length of lengths)
        for (const ours of ["lower", "higher"]) {
          const expected = elsewhere(length, 1);
          const target = fill(memory.buffer, length, 1);
          const theirs = elsewhere(length, 5);
          const inOrder = <T>(own: T, other: T): [T, T] =>
            ours === "lower" ? [own, other] : [other, own];
          kernelFor(op, dtype)(expected, ...inOrder(expected, theirs));
          kernels.for(op, dtype)(target, ...inOrder(target, theirs));
          expect(firstDifference(target, expected)).toBeNull();
        }
    },
  );

  it("reduces what lies in other memory too", () => {
    const target = elsewhere(5_000, 1);
    const expected = elsewhere(5_000, 1);
    kernelFor("SUM", dtype)(expected, expected, elsewhere(5_000, 2));
    kernels.for("SUM", dtype)(target, target, elsewhere(5_000, 2));
    expect(firstDifference(target, expected)).toBeNull();
  });
});

it("StagedKernels writes to nothing but its target and its stage", () => {
  const bytes = new Uint8Array(memory.buffer).fill(9);
  const target = viewAs("uint8", memory.buffer, 64, 10_000);
  kernels.for("SUM", "uint8")(target, target, new Uint8Array(10_000).fill(1));
  const touched = bytes.map((byte, i) =>
    (i >= 64 && i < 10_064) ||
    (i >= STAGE.address && i < STAGE.address + STAGE.bytes)
      ? 9
      : byte,
  );
  expect(touched.every((byte) => byte === 9)).toBe(true);
  expect(target.every((byte) => byte === 10)).toBe(true);
});
