import type { Tensor } from "@tensorflow/tfjs";
import { asTensors } from "./as-tensors";

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];
const column = <T>(values: T) => ({ values, shape: [2, 1] });

describe("a batch as tensors", () => {
  test.each([
    ["64 bits", BigInt64Array.of(BigInt(LEAST), BigInt(MOST)), [LEAST, MOST]],
    ["64 bits without a sign", BigUint64Array.of(0n, BigInt(MOST)), [0, MOST]],
    ["32 bits without a sign", Uint32Array.of(0, MOST), [0, MOST]],
    ["32 bits", Int32Array.of(LEAST, MOST), [LEAST, MOST]],
  ])("keeps integers of %s that int32 holds", (_, values, expected) => {
    const xs = asTensors({ xs: column(values) }).xs as Tensor;
    expect([xs.dtype, xs.shape]).toEqual(["int32", [2, 1]]);
    expect([...xs.dataSync()]).toEqual(expected);
  });

  test.each([
    ["2147483648", BigInt64Array.of(1n, 2n ** 31n)],
    ["-2147483649", BigInt64Array.of(1n, -(2n ** 31n) - 1n)],
    ["9007199254740993", BigInt64Array.of(1n, 2n ** 53n + 1n)],
    ["18446744073709551615", BigUint64Array.of(1n, 2n ** 64n - 1n)],
    ["4294967295", Uint32Array.of(1, 2 ** 32 - 1)],
  ])("refuses %s, which int32 does not hold", (value, values) => {
    expect(() => asTensors({ xs: column(values) })).toThrow(
      `"xs" holds ${value} (row 1 of the batch), and an integer of TensorFlow.js is of 32 bits`,
    );
    const ys = { label: column(values) };
    expect(() => asTensors({ xs: column(Float32Array.of(1, 2)), ys })).toThrow(
      `"ys.label" holds ${value}`,
    );
  });
});
