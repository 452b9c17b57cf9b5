import {
  BufferTypeError,
  CountError,
  float16FromNumber,
  OpError,
  type TypedArray,
} from "@tsmpi/protocol";
import { type Datatype, DATATYPES } from "./datatype";
import { opForBuffers, fold, nameOfOp, Op, OP_NULL, OPS } from "./op";
import { isInsideUserOp } from "./user-op-guard";

/** In place, and not commutative. */
const subtract = Op.Create((a: Float64Array, b: Float64Array) => {
  for (let i = 0; i < b.length; i++) b[i] = a[i]! - b[i]!;
});
const names = Object.keys(OPS) as (keyof typeof OPS)[];

describe("a predefined op", () => {
  it.each(names)(
    "%s has its name, is equal to itself only, and stays",
    (name) => {
      const op = OPS[name];
      expect(op.name).toBe(name);
      expect(op.is_predefined).toBe(true);
      expect(op.isNull).toBe(false);
      expect(names.filter((other) => op.equals(OPS[other]))).toEqual([name]);
      expect(new Op(op).equals(op)).toBe(true);
      expect(new Op(name).equals(op)).toBe(true);
      expect(() => op.Free()).toThrow(OpError);
      op.free();
      expect(op.isNull).toBe(false);
    },
  );

  it.each(names)("%s commutes unless it keeps one of the two", (name) => {
    const expected = name !== "REPLACE" && name !== "NO_OP";
    expect(OPS[name].Is_commutative()).toBe(expected);
    expect(OPS[name].is_commutative).toBe(expected);
  });
});

describe("an op of the user's", () => {
  it("commutes if it was said to, and not by itself", () => {
    const fn = (): void => {};
    expect(Op.Create(fn).Is_commutative()).toBe(false);
    expect(Op.Create(fn, true).Is_commutative()).toBe(true);
    expect(Op.Create(fn, { commute: true }).is_commutative).toBe(true);
    expect(Op.Create(fn, {}).is_commutative).toBe(false);
  });

  it("is another one each time, not predefined, and can be freed", () => {
    const fn = (): void => {};
    const op = Op.Create(fn);
    const handle = new Op(op);
    expect(op.equals(Op.Create(fn))).toBe(false);
    expect(op.name).toBeNull();
    expect(op.is_predefined).toBe(false);
    op.Free();
    expect(op.isNull).toBe(true);
    expect(op.equals(OP_NULL)).toBe(true);
    expect(handle.isNull).toBe(false);
  });

  it.each([undefined, null, "SUM", {}])("is not made of %p", (fn) => {
    expect(() => Op.Create(fn as never)).toThrow(OpError);
  });
});

describe("OP_NULL", () => {
  it("is null, predefined and equal to a new handle", () => {
    expect(OP_NULL.isNull).toBe(true);
    expect(OP_NULL.is_predefined).toBe(true);
    expect(new Op().equals(OP_NULL)).toBe(true);
    OP_NULL.free();
  });

  it("cannot be used", () => {
    const array = new Float64Array(1);
    for (const call of [
      () => OP_NULL.Free(),
      () => OP_NULL.name,
      () => OP_NULL.Is_commutative(),
      () => OP_NULL.call(1, 2),
      () => OP_NULL.Reduce_local(array, array),
      () => fold([1, 2], OP_NULL),
      () => nameOfOp(OP_NULL),
      () => opForBuffers(OP_NULL, "float32"),
    ])
      expect(call).toThrow("the op is OP_NULL or has been freed");
  });
});

describe("call", () => {
  it.each([
    ["SUM", 2, 3, 5],
    ["MAX", 2, 3, 3],
    ["BAND", 6, 3, 2],
    ["LAND", true, false, false],
    ["MINLOC", [1, 5], [1, 3], [1, 3]],
    ["REPLACE", 2, 3, 3],
    ["NO_OP", 2, 3, 2],
    ["AVG", 2, 3, 2.5],
  ] as const)("%s of %j and %j is %j", (name, x, y, expected) => {
    expect(OPS[name].call<unknown>(x, y)).toEqual(expected);
  });

  it("refuses what the op is not defined for", () => {
    expect(() => OPS.SUM.call<unknown>(1, "a")).toThrow(OpError);
    expect(() => OPS.AVG.call("a", "b")).toThrow(OpError);
  });

  it("of a user's function gives what it returns, and without a datatype", () => {
    const seen: (Datatype | null)[] = [];
    const op = Op.Create((x: string, y: string, datatype) => {
      seen.push(datatype);
      return `${x}-${y}`;
    });
    expect(op.call("a", "b")).toBe("a-b");
    expect(seen).toEqual([null]);
  });

  it("gives the second value if the function wrote into that", () => {
    const list = [1, 2];
    const op = Op.Create((x: number[], y: number[]) => {
      x.forEach((item, i) => (y[i]! += item));
    });
    expect(op.call([10, 20], list)).toBe(list);
    expect(list).toEqual([11, 22]);
  });
});

describe("Reduce_local", () => {
  it("leaves the result in the second buffer, and the first alone", () => {
    const a = Int32Array.of(1, 2, 3);
    const b = Int32Array.of(10, 20, 30);
    OPS.SUM.Reduce_local(a, b);
    expect(b).toEqual(Int32Array.of(11, 22, 33));
    expect(a).toEqual(Int32Array.of(1, 2, 3));
  });

  it("takes the first buffer for the lower rank's", () => {
    const b = Float64Array.of(1, 2);
    subtract.Reduce_local(Float64Array.of(10, 10), b);
    expect(b).toEqual(Float64Array.of(9, 8));
    const kept = Float64Array.of(1);
    OPS.NO_OP.Reduce_local(Float64Array.of(7), kept);
    expect(kept[0]).toBe(7);
  });

  it("averages two", () => {
    const b = Float32Array.of(4);
    OPS.AVG.Reduce_local(Float32Array.of(1), b);
    expect(b[0]).toBe(2.5);
  });

  it("works on so many elements of a datatype", () => {
    const half = (...numbers: number[]): Uint16Array =>
      Uint16Array.from(numbers, float16FromNumber);
    const b = half(3, 3);
    OPS.PROD.Reduce_local([half(0.5, 0.5), 1, "float16"], [b, 1, "float16"]);
    expect(b).toEqual(half(1.5, 3));
    const bytes = Int32Array.of(0x0102);
    OPS.BOR.Reduce_local(
      [Uint8Array.of(4, 0, 0, 0), DATATYPES.BYTE],
      [bytes, DATATYPES.BYTE],
    );
    expect(bytes[0]).toBe(0x0106);
  });

  it("refuses two that differ, and an op that is not defined for them", () => {
    const floats = new Float32Array(2);
    expect(() => OPS.SUM.Reduce_local(new Float32Array(1), floats)).toThrow(
      CountError,
    );
    expect(() => OPS.SUM.Reduce_local(new Int32Array(2), floats)).toThrow(
      BufferTypeError,
    );
    expect(() => OPS.BAND.Reduce_local(floats, floats)).toThrow(OpError);
    expect(() =>
      OPS.AVG.Reduce_local(new Int8Array(1), new Int8Array(1)),
    ).toThrow(OpError);
  });
});

describe("a user's function on buffers", () => {
  const lower = (): Float64Array => Float64Array.of(10, 20);
  const higher = (): Float64Array => Float64Array.of(1, 2);
  const returning = Op.Create((a: Float64Array, b: Float64Array) =>
    a.map((value, i) => value - b[i]!),
  );

  it.each([
    ["writes", subtract],
    ["returns", returning],
  ])("that %s its result gives it into either buffer", (_, op) => {
    const kernel = op.kernel(DATATYPES.DOUBLE);
    const [intoLower, intoHigher, a, b] = [
      lower(),
      higher(),
      lower(),
      higher(),
    ];
    kernel(intoHigher, a, intoHigher);
    kernel(intoLower, intoLower, b);
    expect(intoHigher).toEqual(Float64Array.of(9, 18));
    expect(intoLower).toEqual(Float64Array.of(9, 18));
    expect([a, b]).toEqual([lower(), higher()]);
  });

  it("sees the datatype", () => {
    const seen: (Datatype | null)[] = [];
    const op = Op.Create((_a, _b, datatype) => void seen.push(datatype));
    op.kernel(DATATYPES.FLOAT16)(
      new Uint16Array(1),
      new Uint16Array(1),
      new Uint16Array(1),
    );
    expect(seen).toEqual([DATATYPES.FLOAT16]);
  });

  it.each([
    ["a number", 3, "Number"],
    ["null", null, "Null"],
    ["a list", [1, 2], "Array"],
    ["another type", new Float32Array(2), "2 elements of float32"],
    ["another length", new Float64Array(3), "3 elements of float64"],
  ])("that returns %s is refused", (_, result, name) => {
    const op = Op.Create(() => result as unknown as TypedArray);
    const kernel = op.kernel(DATATYPES.DOUBLE);
    expect(() => kernel(lower(), lower(), higher())).toThrow(OpError);
    expect(() => kernel(lower(), lower(), higher())).toThrow(
      `or 2 elements of float64; it returned ${name}`,
    );
  });
});

describe("fold", () => {
  it("combines in rank order", () => {
    expect(fold(["a", "b", "c"], (x, y) => `(${x}${y})`)).toBe("((ab)c)");
    expect(fold([[1], [2], [3]], OPS.SUM)).toEqual([1, 2, 3]);
    expect(
      fold(
        [3, 1, 2],
        Op.Create((x: number, y: number) => x - y),
      ),
    ).toBe(0);
  });

  it("divides an average once, by the number of values", () => {
    expect(fold([1, 2, 6], OPS.AVG)).toBe(3);
    expect(fold([5], OPS.AVG)).toBe(5);
    expect(() => fold(["a"], OPS.AVG)).toThrow(OpError);
  });
});

describe("while a user's function runs", () => {
  it("it says so, on values and on buffers, and no longer", () => {
    const seen: boolean[] = [];
    const look = (): void => void seen.push(isInsideUserOp());
    const op = Op.Create(look);
    op.call(1 as never, 2 as never);
    op.Reduce_local(new Float64Array(1), new Float64Array(1));
    fold([1, 2], (x) => (look(), x));
    expect(seen).toEqual([true, true, true]);
    expect(isInsideUserOp()).toBe(false);
  });
});

describe("nameOfOp and opForBuffers", () => {
  it("give the name that ranks compare", () => {
    expect(nameOfOp(OPS.SUM)).toBe("SUM");
    expect(nameOfOp(() => 1)).toBeNull();
    expect(nameOfOp(subtract)).toBeNull();
    expect(opForBuffers(OPS.MAX, "float32")).toBe("MAX");
  });

  it("refuse what is no op, or none for buffers", () => {
    expect(() => nameOfOp("SUM")).toThrow(OpError);
    expect(() => opForBuffers(() => 1, "float32")).toThrow(OpError);
  });
});
