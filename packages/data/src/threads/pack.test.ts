import { buffersOf, pack, unpack } from "./pack";

/** As it arrives on the other side. */
const sent = (items: readonly unknown[]): unknown[] => {
  const packed = pack(items);
  return unpack(structuredClone(packed, { transfer: buffersOf(packed) }));
};

describe("items on their way to another thread", () => {
  test.each<[string, unknown[]]>([
    ["nothing", []],
    ["numbers", [1, -0.5, NaN, Infinity]],
    ["numbers and others", [1, "1", null, undefined, 2n, true]],
    [
      "records",
      [1, 2, 3].map((i) => ({
        ...{ id: i, name: `n${i}`, nested: { list: [i, [i]] }, none: null },
        ...{ floats: Float32Array.of(i, 0.1), bytes: Uint8Array.of(i) },
        ...{ empty: new Int16Array(0), big: BigInt64Array.of(BigInt(i)) },
      })),
    ],
    ["arrays of several lengths", [new Int8Array(1), new Int8Array(2)]],
    ["arrays of several kinds", [new Int8Array(1), new Uint8Array(1)]],
    ["records with other names", [{ a: 1 }, { b: 1 }, { a: 1, b: 2 }]],
    [
      "records with names in another order",
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    ["lists", [[1, 2], [3]]],
  ])("are the same there: %s", (_, items) => {
    expect(sent(items)).toEqual(items);
    expect(
      sent(items).map((item) => JSON.stringify(Object.keys(item ?? {}))),
    ).toEqual(items.map((item) => JSON.stringify(Object.keys(item ?? {}))));
  });

  test("leave what they are made of as it is", () => {
    const x = Float32Array.of(1, 2);
    sent([{ x }, { x }]);
    expect([...x]).toEqual([1, 2]);
  });

  test("take along no more than their part of a buffer", () => {
    const all = new Uint8Array(1 << 20);
    const [a, b] = sent([all.subarray(0, 1), all.subarray(1, 3)]) as [
      Uint8Array,
      Uint8Array,
    ];
    expect([a.buffer.byteLength, b.buffer.byteLength]).toEqual([1, 2]);
  });

  test("are each for itself: one that is kept does not keep the others", () => {
    const items = Array.from({ length: 100 }, () => new Float32Array(10));
    for (const item of sent(items))
      expect((item as Float32Array).buffer.byteLength).toBe(40);
  });
});
