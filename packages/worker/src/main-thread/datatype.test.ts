import {
  BufferTypeError,
  bytesPerElement,
  type Dtype,
  DTYPES,
  dtypeOf,
  viewAs,
} from "@tsmpi/protocol";
import {
  Datatype,
  DATATYPE_NULL,
  datatypeNamed,
  datatypeOf,
  DATATYPES,
  readDatatype,
} from "./datatype";

const NAMED = Object.entries(DATATYPES);
const arrayOf = (dtype: Dtype) => viewAs(dtype, new ArrayBuffer(8), 0, 1);

describe("a predefined datatype", () => {
  // Sizes of C on 64-bit Unix.
  it.each([
    ["BYTE", 1],
    ["CHAR", 1],
    ["SHORT", 2],
    ["INT", 4],
    ["UNSIGNED_INT", 4],
    ["LONG", 8],
    ["LONG_LONG", 8],
    ["FLOAT", 4],
    ["DOUBLE", 8],
    ["FLOAT16", 2],
    ["BFLOAT16", 2],
    ["C_BOOL", 1],
    ["COUNT", 8],
    ["TWOINT", 8],
  ] as const)("%s has %i bytes", (name, bytes) => {
    const datatype = DATATYPES[name];
    expect([datatype.Get_size(), datatype.size]).toEqual([bytes, bytes]);
    expect(datatype.Get_extent()).toEqual([0, bytes]);
    expect(datatype.extent).toBe(bytes);
  });

  it.each([
    ["INT", "MPI_INT"],
    ["UNSIGNED_INT", "MPI_UNSIGNED"],
    ["TWOINT", "MPI_2INT"],
  ] as const)("%s is called %s", (name, text) => {
    expect([DATATYPES[name].Get_name(), DATATYPES[name].name]).toEqual([
      text,
      text,
    ]);
  });

  it.each(NAMED)(
    "%s is whole numbers of its dtype, fits their array, and stays when it is freed",
    (_, datatype) => {
      const { dtype, items, size } = datatype;
      expect(size).toBe(bytesPerElement(dtype) * items);
      expect(datatype.fits(arrayOf(dtype))).toBe(true);
      expect(datatype.is_predefined).toBe(true);
      expect(datatype.isNull).toBe(false);
      expect(() => datatype.Free()).toThrow(BufferTypeError);
      datatype.free();
      expect(datatype.isNull).toBe(false);
    },
  );

  it("has numbers of its bits and sign", () => {
    for (const [name, { dtype }] of NAMED) {
      const bits = /^U?INT(\d+)_T$/.exec(name)?.[1];
      const big = bits === "64" ? "big" : "";
      if (bits)
        expect(dtype).toBe(
          `${big}${name.startsWith("U") ? "u" : ""}int${bits}`,
        );
    }
  });
});

describe("fits", () => {
  it.each(DTYPES)("takes %s for its own array only", (dtype) => {
    for (const other of DTYPES)
      expect(datatypeNamed(dtype).fits(arrayOf(other))).toBe(
        dtypeOf(arrayOf(dtype)) === dtypeOf(arrayOf(other)),
      );
  });

  it("takes bytes for anything, characters and truth values for bytes of either sign", () => {
    for (const dtype of DTYPES) {
      const isByte = dtype === "int8" || dtype === "uint8";
      expect(DATATYPES.BYTE.fits(arrayOf(dtype))).toBe(true);
      expect(DATATYPES.CHAR.fits(arrayOf(dtype))).toBe(isByte);
      expect(DATATYPES.BOOL.fits(arrayOf(dtype))).toBe(isByte);
    }
  });
});

describe("looking one up", () => {
  it("by array gives the C type that it holds", () => {
    expect(datatypeOf(new Float32Array(1))).toBe(DATATYPES.FLOAT);
    expect(datatypeOf(new Int32Array(1))).toBe(DATATYPES.INT);
    expect(datatypeOf(new Uint16Array(1))).toBe(DATATYPES.UNSIGNED_SHORT);
    expect(datatypeOf(new BigInt64Array(1))).toBe(DATATYPES.LONG);
  });

  it.each(DTYPES)("by %s gives a type of it", (dtype) => {
    expect(datatypeNamed(dtype).dtype).toBe(dtype);
    expect(readDatatype(dtype)).toBe(datatypeNamed(dtype));
  });

  it("by itself gives it back", () => {
    expect(readDatatype(DATATYPES.INT)).toBe(DATATYPES.INT);
  });

  it.each([["float"], ["toString"], [3], [null], [DATATYPE_NULL]])(
    "by %p is refused",
    (argument) => {
      expect(() => readDatatype(argument)).toThrow(BufferTypeError);
    },
  );
});

describe("handles", () => {
  it("to one datatype are equal; its Dup is another, which can be freed", () => {
    expect(new Datatype(DATATYPES.INT).equals(DATATYPES.INT)).toBe(true);
    const dup = DATATYPES.INT.Dup();
    expect(dup.equals(DATATYPES.INT)).toBe(false);
    expect([dup.dtype, dup.name]).toEqual(["int32", "MPI_INT"]);
    expect(dup.is_predefined).toBe(false);
    expect(dup.Commit()).toBe(dup);
    dup.Free();
    expect(dup.equals(DATATYPE_NULL)).toBe(true);
  });

  it("that are null are equal, predefined, and raise a BufferTypeError", () => {
    expect(new Datatype().equals(DATATYPE_NULL)).toBe(true);
    expect(DATATYPE_NULL.isNull).toBe(true);
    expect(DATATYPE_NULL.is_predefined).toBe(true);
    expect(DATATYPE_NULL.name).toBe("MPI_DATATYPE_NULL");
    for (const call of [
      () => DATATYPE_NULL.Get_size(),
      () => DATATYPE_NULL.extent,
      () => DATATYPE_NULL.dtype,
      () => DATATYPE_NULL.Dup(),
      () => DATATYPE_NULL.Commit(),
      () => DATATYPE_NULL.Free(),
    ])
      expect(call).toThrow(BufferTypeError);
  });
});
