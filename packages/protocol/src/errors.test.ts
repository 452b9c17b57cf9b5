import { ERROR_NUMBERS } from "./error-classes";
import * as errors from "./errors";
import { ArgumentError, ERROR_CLASSES } from "./errors";
import { TsmpiError } from "./tsmpi-error";

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

describe("every class of error", () => {
  it.each(ERROR_CLASSES.map((errorClass) => [errorClass.name, errorClass]))(
    "%s has a number in the table and knows it, by method and by property",
    (_, errorClass) => {
      const error = new errorClass("what happened");
      const number = (ERROR_NUMBERS as Record<string, number>)[error.code];
      expect(number).toBeGreaterThan(0);
      expect(error.Get_error_class()).toBe(number);
      expect(error.Get_error_code()).toBe(number);
      expect(error.error_class).toBe(number);
      expect(error.error_code).toBe(number);
      expect(error.Get_error_string()).toMatch(new RegExp(`^${error.code}: .`));
      expect(error.error_string).toBe(error.Get_error_string());
      expect(error.message).toBe("what happened");
    },
  );

  it("is an ArgumentError where a wrong handle or argument causes it", () => {
    for (const code of "RANK ROOT TAG COUNT TYPE OP TRUNCATE COMM REQUEST GROUP TOPOLOGY DIMS BUFFER KEYVAL INFO INFO_KEY INFO_VALUE INFO_NOKEY ERRHANDLER".split(
      " ",
    ))
      expect(
        ERROR_CLASSES.map((errorClass) => new errorClass("")).find(
          (error) => error.code === `ERR_${code}`,
        ),
      ).toBeInstanceOf(ArgumentError);
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
