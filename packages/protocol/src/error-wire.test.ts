import { addCode, removeCode } from "./error-codes";
import { errorFromWire, errorToWire, type WireError } from "./error-wire";
import {
  ERROR_CLASSES,
  ProcessFailedError,
  ProcessFailedPendingError,
  RemoteError,
} from "./errors";
import { TsmpiError } from "./tsmpi-error";

const NAMED = ERROR_CLASSES.map(
  (errorClass) => [errorClass.name, errorClass] as const,
);

describe("errorFromWire after errorToWire", () => {
  it.each(NAMED)("gives a %s back", (name, errorClass) => {
    const error = new errorClass("where, what, what next");
    const back = errorFromWire(
      JSON.parse(JSON.stringify(errorToWire(error))) as WireError,
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

  it.each([ProcessFailedError, ProcessFailedPendingError])(
    "keeps which ranks failed in a %p",
    (errorClass) => {
      const back = errorFromWire(errorToWire(new errorClass("gone", [2, 5])));
      expect((back as ProcessFailedError).failedRanks).toEqual([2, 5]);
    },
  );

  it("keeps a number that the program gave, of a code of its own too", () => {
    const added = addCode(16);
    for (const number of [0, 13, added]) {
      const error = new TsmpiError(number);
      error.message = "what happened";
      const back = errorFromWire(errorToWire(error));
      expect(back.constructor).toBe(TsmpiError);
      expect(back.Get_error_code()).toBe(number);
      expect(back.code).toBe(error.code);
      expect(back.message).toBe("what happened");
    }
    removeCode(added);
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

  it("shortens a message of a program that would fill a frame", () => {
    const { message } = errorToWire(new Error("x".repeat(9 << 20)));
    expect(message).toHaveLength((64 << 10) + "… (9437184 characters)".length);
    expect(message).toMatch(/x… \(9437184 characters\)$/);
  });
});
