import { settled } from "./settled";

class Wanted {
  readonly name = "wanted";
}

describe("settled", () => {
  test("gives the value that a promise was resolved to, without an await", () => {
    const value = new Wanted();
    expect(settled(Promise.resolve(value), Wanted)).toBe(value);
  });

  test("gives null for a promise that is pending, rejected, or of something else", () => {
    const rejected = Promise.reject(new Error("mine"));
    rejected.catch(() => {});
    const others: Promise<Wanted | null>[] = [
      new Promise<Wanted>(() => {}),
      rejected,
      Promise.resolve(null),
      Promise.resolve({} as Wanted),
    ];
    expect(others.map((promise) => settled(promise, Wanted))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test("leaves nothing on the class", () => {
    settled(Promise.resolve(new Wanted()), Wanted);
    expect(Object.getOwnPropertySymbols(Wanted.prototype)).toEqual([]);
  });
});
