import * as errors from "./errors";
import {
  ERROR_CLASSES,
  errorFromWire,
  errorToWire,
  ProcessFailedError,
  RemoteError,
  TsmpiError,
} from "./errors";

const NAMED = ERROR_CLASSES.map(
  (errorClass) => [errorClass.name, errorClass] as const,
);

describe("errorFromWire after errorToWire", () => {
  it.each(NAMED)("gives a %s back", (name, errorClass) => {
    const error = new errorClass("where, what, what next");
    const back = errorFromWire(
      JSON.parse(JSON.stringify(errorToWire(error))) as errors.WireError,
    );
    expect(back).toBeInstanceOf(errorClass);
    expect(back.constructor).toBe(errorClass);
    expect(back).toMatchObject({
      name,
      code: error.code,
      message: error.message,
      recoverable: error.recoverable,
    });
  });

  it("keeps which ranks failed", () => {
    const back = errorFromWire(
      errorToWire(new ProcessFailedError("gone", [2, 5])),
    );
    expect((back as ProcessFailedError).failedRanks).toEqual([2, 5]);
  });

  it("makes what is not ours a RemoteError with its message", () => {
    for (const [thrown, message] of [
      [new TypeError("x is not a function"), "x is not a function"],
      ["a string", "a string"],
      [undefined, "undefined"],
    ] as const) {
      const back = errorFromWire(errorToWire(thrown));
      expect(back).toBeInstanceOf(RemoteError);
      expect(back.message).toBe(message);
    }
  });

  it("makes a code that it does not know a RemoteError", () => {
    expect(
      errorFromWire({ code: "ERR_OF_THE_FUTURE", message: "m" }),
    ).toBeInstanceOf(RemoteError);
  });
});

describe("ERROR_CLASSES", () => {
  it("has every class that is exported, each with a code of its own", () => {
    const exported = Object.values(errors).filter(
      (value) =>
        typeof value === "function" && value.prototype instanceof TsmpiError,
    );
    expect(new Set(ERROR_CLASSES)).toEqual(new Set(exported));
    expect(
      new Set(ERROR_CLASSES.map((errorClass) => new errorClass("").code)).size,
    ).toBe(ERROR_CLASSES.length);
  });
});

describe("assert", () => {
  it("raises an InternalError that says whose bug it is", () => {
    const fail = () => errors.assert(false, "a promise is broken");
    expect(fail).toThrow(errors.InternalError);
    expect(fail).toThrow("a promise is broken (this is a bug in tsmpi)");
    expect(() => errors.assert(1, "")).not.toThrow();
  });
});
