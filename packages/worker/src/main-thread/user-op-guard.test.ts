import { insideUserOp, isInsideUserOp } from "./user-op-guard";

describe("isInsideUserOp", () => {
  it("is true while a user's function runs, and one within one", () => {
    expect(isInsideUserOp()).toBe(false);
    const seen = insideUserOp(() => [
      isInsideUserOp(),
      insideUserOp(isInsideUserOp),
      isInsideUserOp(),
    ]);
    expect(seen).toEqual([true, true, true]);
    expect(isInsideUserOp()).toBe(false);
  });

  it("refuses one that is async", () => {
    expect(() => insideUserOp(() => Promise.resolve(1))).toThrow(
      "must return its result, not a promise",
    );
    expect(isInsideUserOp()).toBe(false);
  });

  it("is false again after one that throws", () => {
    expect(() =>
      insideUserOp(() => {
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect(isInsideUserOp()).toBe(false);
  });
});
