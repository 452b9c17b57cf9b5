import { type Checked, reset, verify } from "./checked";

const after = Float32Array.of(1, 2, 3);
const result = (buffer: Float32Array): Checked => ({
  ...{ buffer, before: null, after },
});

describe("verify", () => {
  it("finds nothing where every bit is right, in shared memory too", () => {
    const shared = new Float32Array(new SharedArrayBuffer(12));
    shared.set(after);
    expect(verify([result(after.slice()), result(shared)])).toBeNull();
  });

  it.each([
    ["one wrong element", [1, 2, 4], "element 2 of 3 is 4, and should be 3"],
    ["none", [0, 0, 0], "element 0 of 3 is 0, and should be 1"],
    ["another NaN", [1, NaN, 3], "element 1 of 3 is NaN, and should be 2"],
  ])("finds a wrong buffer: %s", (_, elements, text) =>
    expect(
      verify([result(after.slice()), result(Float32Array.from(elements))]),
    ).toBe(text),
  );

  it("finds a call that has written nothing, and one that has written to its input", () => {
    const buffer = after.slice();
    const input = Uint8Array.of(7, 8);
    const before = input.slice();
    const buffers = [{ buffer: input, before, after: before }, result(buffer)];
    reset(buffers);
    expect(verify(buffers)).toMatch(/^element 0 of 3 is .*should be 1$/);
    buffer.set(after);
    expect(verify(buffers)).toBeNull();
    input[1] = 9;
    expect(verify(buffers)).toBe("element 1 of 2 is 9, and should be 8");
    reset(buffers);
    expect([...input]).toEqual([7, 8]);
  });
});
