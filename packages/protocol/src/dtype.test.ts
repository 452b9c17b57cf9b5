import {
  bytesPerElement,
  type Dtype,
  dtypeCode,
  dtypeFromCode,
  dtypeOf,
  DTYPES,
  isFloat,
  memoryDtype,
  viewAs,
} from "./dtype";

const FLOATS: readonly Dtype[] = ["float16", "bfloat16", "float32", "float64"];
const HALVES: readonly Dtype[] = ["float16", "bfloat16"];

describe("a dtype", () => {
  it.each(DTYPES)("%s has arrays of its size", (dtype) => {
    const array = viewAs(dtype, new ArrayBuffer(64), 0, 3);
    expect(array.BYTES_PER_ELEMENT).toBe(bytesPerElement(dtype));
    expect(array).toHaveLength(3);
  });

  it.each(DTYPES)("%s is found by its code", (dtype) => {
    expect(dtypeFromCode(dtypeCode(dtype))).toBe(dtype);
  });

  it.each(DTYPES)("%s is a float or an integer", (dtype) => {
    expect(isFloat(dtype)).toBe(FLOATS.includes(dtype));
  });
});

describe("dtypeOf", () => {
  it.each(DTYPES)("an array of %s is the dtype of its memory", (dtype) => {
    const array = viewAs(dtype, new ArrayBuffer(8), 0, 1);
    expect(dtypeOf(array)).toBe(HALVES.includes(dtype) ? "uint16" : dtype);
    expect(memoryDtype(dtype)).toBe(dtypeOf(array));
  });

  it("is null for what is no typed array", () => {
    expect(dtypeOf(new DataView(new ArrayBuffer(8)))).toBeNull();
    expect(dtypeOf([1, 2])).toBeNull();
  });

  it("takes clamped bytes for bytes", () => {
    expect(dtypeOf(new Uint8ClampedArray(1))).toBe("uint8");
  });
});
