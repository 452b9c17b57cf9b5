import { errorClassName, ERROR_NUMBERS } from "./error-classes";
import { addCode, setTextOfCode } from "./error-codes";
import { TsmpiError } from "./tsmpi-error";

const { ERR_LASTCODE, ERR_UNKNOWN, SUCCESS } = ERROR_NUMBERS;

describe("an error that was made from a number", () => {
  it.each(Object.values(ERROR_NUMBERS))(
    "%i has it for code and class, and the class's name and text",
    (number) => {
      const error = new TsmpiError(number);
      expect(error.Get_error_code()).toBe(number);
      expect(error.Get_error_class()).toBe(number);
      expect(error.code).toBe(errorClassName(number));
      expect(error.message).toBe(error.Get_error_string());
      expect(error.message).toContain(error.code);
    },
  );

  it("has SUCCESS if there is none, and ERR_UNKNOWN for one below SUCCESS", () => {
    expect(new TsmpiError().Get_error_code()).toBe(SUCCESS);
    expect(new TsmpiError(SUCCESS - 1).Get_error_code()).toBe(ERR_UNKNOWN);
  });

  it("keeps a code that nobody has added; its class is ERR_UNKNOWN", () => {
    const error = new TsmpiError(ERR_LASTCODE + 1_000_000);
    expect(error.Get_error_code()).toBe(ERR_LASTCODE + 1_000_000);
    expect(error.Get_error_class()).toBe(ERR_UNKNOWN);
  });

  it("has class and text of a code that the program added", () => {
    const errorClass = addCode(null);
    const code = addCode(errorClass);
    setTextOfCode(code, "the disk is purple");
    const error = new TsmpiError(code);
    expect(error.Get_error_class()).toBe(errorClass);
    expect(error.message).toBe("the disk is purple");
    expect(error.code).toBe("ERR_OTHER");
  });
});

test("an error with a message of its own has no number of its own", () => {
  const cause = new Error("why");
  const error = new TsmpiError("what happened", { cause });
  expect(error.code).toBe("ERR_OTHER");
  expect(error.Get_error_class()).toBe(ERROR_NUMBERS.ERR_OTHER);
  expect(error).toMatchObject({ message: "what happened", cause });
});
