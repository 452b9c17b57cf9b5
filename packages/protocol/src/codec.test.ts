import { decodeValue, encodeValue, unpack } from "./codec";
import { DTYPES, viewAs } from "./dtype";
import { SerializationError } from "./errors";

/** As on the wire: the encoder's buffer is not what arrives. */
const roundTrip = (value: unknown): unknown =>
  decodeValue(Uint8Array.from(encodeValue(value)));

const VALUES: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["undefined", undefined],
  ["true", true],
  ["false", false],
  ["zero", 0],
  ["minus zero", -0],
  [
    "minus zero in lists, objects and maps",
    [-0, { a: [-0, 0] }, new Map([[1, -0]])],
  ],
  ["a negative integer", -12345],
  ["the largest safe integer", Number.MAX_SAFE_INTEGER],
  ["the smallest safe integer", Number.MIN_SAFE_INTEGER],
  ["an integer beyond the safe ones", 2 ** 60],
  ["a fraction", 0.1],
  ["a denormal", 5e-324],
  ["the largest number", Number.MAX_VALUE],
  ["infinity", Infinity],
  ["minus infinity", -Infinity],
  ["NaN", NaN],
  ["a small bigint", 5n],
  ["a negative bigint", -5n],
  ["a bigint of 64 bits", 2n ** 64n - 1n],
  ["a bigint beyond 64 bits", 3n ** 200n],
  ["a negative bigint beyond 64 bits", -(3n ** 200n)],
  ["an empty string", ""],
  ["a string of several scripts", "grüße 你好 😀"],
  ["a long string", "ä".repeat(100_000)],
  ["a date", new Date(1_700_000_000_123)],
  ["a date before 1970", new Date(-1)],
  ["an empty list", []],
  ["a list with undefined", [undefined, null, undefined]],
  ["an empty object", {}],
  ["an object with an undefined member", { a: undefined, b: 1 }],
  ["an object with odd keys", { "": 1, "a b": 2, 7: 3, constructor: 4 }],
  ["an empty map", new Map()],
  [
    "a map with keys of all kinds",
    new Map<unknown, unknown>([
      [{ a: 1 }, 1],
      [NaN, undefined],
      [1, "1"],
      ["1", 1],
    ]),
  ],
  ["an empty set", new Set()],
  ["a set", new Set([1, "1", null])],
  ["an empty ArrayBuffer", new ArrayBuffer(0)],
  ["an ArrayBuffer", Uint8Array.of(1, 2, 3).buffer],
  [
    "a deep mixture",
    {
      a: [new Map([["k", { s: new Set([[new Float32Array([1, 2])]]) }]])],
      d: [[[[{}]]]],
    },
  ],
];

describe("decodeValue after encodeValue", () => {
  it.each(VALUES)("gives %s back", (_, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  it.each(DTYPES)("gives a %s array back, bits and type", (dtype) => {
    const bytes = Uint8Array.from({ length: 48 }, (_, i) => i * 37 + 11);
    const array = viewAs(
      dtype,
      bytes.buffer,
      0,
      48 /
        new (
          viewAs(dtype, bytes.buffer, 0, 0).constructor as Uint8ArrayConstructor
        )(0).BYTES_PER_ELEMENT,
    );
    const result = roundTrip(array) as Uint8Array;
    expect(result.constructor.name).toBe(array.constructor.name);
    expect(
      Buffer.from(result.buffer, result.byteOffset, result.byteLength),
    ).toEqual(Buffer.from(bytes));
  });

  it("gives a Uint8ClampedArray back as one", () => {
    expect(roundTrip(new Uint8ClampedArray([1, 255]))).toStrictEqual(
      new Uint8ClampedArray([1, 255]),
    );
  });

  it("gives an empty array of a type back as one", () => {
    expect(
      roundTrip([new Float64Array(0), new BigInt64Array(0)]),
    ).toStrictEqual([new Float64Array(0), new BigInt64Array(0)]);
  });

  it("sends of a part of an array the part alone", () => {
    const part = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    expect(roundTrip(part)).toStrictEqual(new Float32Array([2, 3]));
    expect(
      encodeValue(new Float32Array(1e6).subarray(0, 2)).byteLength,
    ).toBeLessThan(100);
  });

  it("sends an array over shared memory as an ordinary one", () => {
    const shared = new Float32Array(new SharedArrayBuffer(8)).fill(5);
    expect(roundTrip(shared)).toStrictEqual(new Float32Array([5, 5]));
  });

  it("gives a Buffer back as the Uint8Array that it is", () => {
    const result = roundTrip([Buffer.from("abc")]) as [Uint8Array];
    expect(Buffer.from(result[0])).toEqual(Buffer.from("abc"));
    expect(result[0].constructor.name).toBe("Uint8Array");
  });

  it("keeps −0 in typed arrays", () => {
    expect(
      Object.is((roundTrip(new Float64Array([-0])) as Float64Array)[0], -0),
    ).toBe(true);
  });

  it("gives an invalid date back as one", () => {
    expect((roundTrip(new Date(NaN)) as Date).getTime()).toBeNaN();
  });

  it("gives an object without a prototype back as a plain one", () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toEqual({
      a: 1,
    });
  });

  it("keeps many objects of different shapes apart", () => {
    const shapes = Array.from({ length: 500 }, (_, i) => ({
      [`a${i}`]: i,
      [`b${i}`]: [i],
    }));
    expect(roundTrip(shapes)).toEqual(shapes);
    const wide = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`k${i}`, i]),
    );
    expect(roundTrip(wide)).toEqual(wide);
  });

  it("sends a value that occurs twice, which is no cycle", () => {
    const twice = { x: 1 };
    expect(roundTrip([twice, { twice }, twice])).toEqual([
      { x: 1 },
      { twice: { x: 1 } },
      { x: 1 },
    ]);
  });

  it("gives memory of its own", () => {
    const bytes = Uint8Array.from(
      encodeValue({ a: new Uint8Array([1, 2, 3]), b: new Float32Array([1]) }),
    );
    const result = decodeValue(bytes);
    bytes.fill(0);
    expect(result).toEqual({
      a: new Uint8Array([1, 2, 3]),
      b: new Float32Array([1]),
    });
  });
});

class Model {
  readonly weight = 1;
}
class Table extends Map<number, number> {}
class Vector extends Float32Array {}
class Moment extends Date {}
const cycle: unknown[] = [1];
cycle.push({ back: cycle });

const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ["a function", () => 1, "value is a function"],
  ["a symbol", Symbol("s"), "value is a symbol"],
  [
    "a member function",
    { layers: [{ a: 1 }, { activation: () => 1 }] },
    "value.layers[1].activation is a function",
  ],
  ["a class instance", [new Model()], "value[0] is an instance of Model"],
  [
    "an error",
    { e: new TypeError("x") },
    "value.e is an instance of TypeError",
  ],
  ["a regular expression", /x/, "value is an instance of RegExp"],
  ["a promise", Promise.resolve(), "value is an instance of Promise"],
  ["a boxed number", new Number(3), "value is an instance of Number"],
  [
    "a class derived from Map",
    new Table([[1, 2]]),
    "value is an instance of Table",
  ],
  [
    "a class derived from a typed array",
    { v: new Vector(2) },
    "value.v is an instance of Vector",
  ],
  [
    "a class derived from Date",
    new Moment(0),
    "value is an instance of Moment",
  ],
  [
    "a SharedArrayBuffer",
    new SharedArrayBuffer(8),
    "value is an instance of SharedArrayBuffer",
  ],
  [
    "a DataView",
    [[new DataView(new ArrayBuffer(8))]],
    "value[0][0] is a DataView",
  ],
  [
    "a value in a map",
    new Map([["w", [Symbol("s")]]]),
    'value.get("w")[0] is a symbol',
  ],
  [
    "a value in a map under an object",
    new Map([[{}, () => 1]]),
    "value.get(Object) is a function",
  ],
  ["a key of a map", new Map([[() => 1, 1]]), "value key is a function"],
  [
    "a member of a set",
    new Set([[1, () => 1]]),
    "value member[1] is a function",
  ],
  ["a cycle", { list: cycle }, "value.list[1].back contains itself (a cycle)"],
];

describe("encodeValue", () => {
  it.each(REFUSED)("refuses %s and names the path", (_, value, message) => {
    expect(() => encodeValue(value)).toThrow(SerializationError);
    expect(() => encodeValue(value)).toThrow(`${message} and cannot be sent`);
  });

  it("sends what a getter gives", () => {
    const value = {
      get a() {
        return 7;
      },
    };
    expect(roundTrip(value)).toEqual({ a: 7 });
  });

  it("takes a list of a million numbers without a look at a path for each", () => {
    const list = Array.from({ length: 1_000_000 }, (_, i) => i);
    encodeValue(list);
    const startMs = performance.now();
    encodeValue(list);
    expect(performance.now() - startMs).toBeLessThan(400);
  });
});

describe("decodeValue", () => {
  it("throws on bytes that are not one value", () => {
    expect(() => decodeValue(new Uint8Array(0))).toThrow();
    expect(() => decodeValue(Uint8Array.of(1, 2, 3))).toThrow();
  });
});

describe("unpack", () => {
  it.each([
    ["an array of 2^32 - 1", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["a map of 2^32 - 1", [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ["bytes of 2^32 - 1", [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ["a text of 2^32 - 1", [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ["an extension of 2^32 - 1", [0xc9, 0xff, 0xff, 0xff, 0xff, 0x74]],
  ])("takes no memory for %s that is announced, again and again", (_, head) => {
    const bytes = Buffer.alloc(100_000, Buffer.from(head));
    const before = process.memoryUsage();
    expect(() => unpack(bytes)).toThrow();
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(64 << 20);
  });
});
