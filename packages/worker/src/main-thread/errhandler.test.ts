import { ErrhandlerError } from "@tsmpi/protocol";
import {
  Errhandler,
  ERRHANDLER_NULL,
  ERRORS_ABORT,
  ERRORS_ARE_FATAL,
  ERRORS_RETURN,
} from "./errhandler";

const CONSTANTS = { ERRORS_RETURN, ERRORS_ARE_FATAL, ERRORS_ABORT };
const NAMED = Object.entries(CONSTANTS);

/** What `errhandler` does when a call on "comm" fails with code 16. */
function doneBy(errhandler: Errhandler): unknown[] {
  const done: unknown[] = [];
  errhandler.invoke("comm", 16, (code) => done.push("abort", code));
  return done;
}

describe("a constant", () => {
  it.each(NAMED)("%s is equal to itself only, and stays", (name, constant) => {
    expect(constant.isNull).toBe(false);
    expect(
      NAMED.filter(([, other]) => constant.equals(other)).map(([of]) => of),
    ).toEqual([name]);
    constant.Free();
    constant.free();
    expect(constant.isNull).toBe(false);
  });

  it.each(NAMED)("%s has handles that can be freed", (_, constant) => {
    const handle = new Errhandler(constant);
    expect(handle.equals(constant)).toBe(true);
    handle.Free();
    expect(handle.equals(ERRHANDLER_NULL)).toBe(true);
    expect(constant.isNull).toBe(false);
  });

  it("does nothing, or ends the job", () => {
    expect(doneBy(ERRORS_RETURN)).toEqual([]);
    expect(doneBy(ERRORS_ARE_FATAL)).toEqual(["abort", 16]);
    expect(doneBy(ERRORS_ABORT)).toEqual(["abort", 16]);
  });
});

describe("an error handler of the user's", () => {
  it("gets the object and the code", () => {
    const seen: unknown[] = [];
    const errhandler = Errhandler.create((comm: string, code) =>
      seen.push(comm, code),
    );
    expect(doneBy(errhandler)).toEqual([]);
    expect(seen).toEqual(["comm", 16]);
  });

  it("is another one each time, and goes on through other handles when it is freed", () => {
    const fn = (): void => {};
    const errhandler = Errhandler.create(fn);
    const handle = new Errhandler(errhandler);
    expect(errhandler.equals(Errhandler.create(fn))).toBe(false);
    errhandler.Free();
    expect(errhandler.isNull).toBe(true);
    expect(doneBy(handle)).toEqual([]);
  });

  it("is made of a function", () => {
    expect(() => Errhandler.create(null as never)).toThrow(ErrhandlerError);
  });
});

describe("ERRHANDLER_NULL", () => {
  it("is null, and equal to a new handle", () => {
    expect(ERRHANDLER_NULL.isNull).toBe(true);
    expect(new Errhandler().equals(ERRHANDLER_NULL)).toBe(true);
    ERRHANDLER_NULL.free();
  });

  it("cannot be used", () => {
    expect(() => ERRHANDLER_NULL.Free()).toThrow(ErrhandlerError);
    expect(() => doneBy(ERRHANDLER_NULL)).toThrow(ErrhandlerError);
  });
});
