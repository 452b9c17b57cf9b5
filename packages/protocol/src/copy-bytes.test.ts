import { copyBytes } from "./copy-bytes";

const MEMORIES = { plain: ArrayBuffer, shared: SharedArrayBuffer };

describe.each(Object.entries(MEMORIES))("bytes in %s memory", (_, Memory) => {
  const zeros = () => new Uint8Array(new Memory(8), 1, 6);
  const source = new Uint8Array(new Memory(4), 1);
  source.set([7, 8, 9]);

  it.each([0, 1, 3])("are copied to byte %i, and to no others", (at) => {
    const target = zeros();
    const expected = zeros();
    copyBytes(target, source, at);
    expected.set(source, at);
    expect([...new Uint8Array(target.buffer)]).toEqual([
      ...new Uint8Array(expected.buffer),
    ]);
  });

  it("may be none", () => {
    const target = zeros();
    copyBytes(target, source.subarray(0, 0), 6);
    expect([...target]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("must fit", () => {
    const target = zeros();
    expect(() => copyBytes(target, source, 4)).toThrow(/out of range/);
    expect([...target]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
