import {
  type ErrorClassName,
  errorClassName,
  errorClassText,
  ERROR_NUMBERS,
  errorNumber,
} from "./error-classes";

const NAMES = Object.keys(ERROR_NUMBERS) as ErrorClassName[];

describe("ERROR_NUMBERS", () => {
  it("begins with SUCCESS, 0, ends with ERR_LASTCODE, and gives each class a number of its own", () => {
    const numbers = NAMES.map((name) => ERROR_NUMBERS[name]);
    expect(ERROR_NUMBERS.SUCCESS).toBe(0);
    expect(Math.max(...numbers)).toBe(ERROR_NUMBERS.ERR_LASTCODE);
    expect(new Set(numbers).size).toBe(NAMES.length);
  });

  // From mpi.h of MPI 5.0, whose order is that in which MPI 1.0 to 5.0 added them.
  it.each([
    ["ERR_BUFFER", 1],
    ["ERR_RANK", 6],
    ["ERR_ARG", 13],
    ["ERR_INTERN", 17],
    ["ERR_IN_STATUS", 19],
    ["ERR_INFO", 34],
    ["ERR_KEYVAL", 36],
    ["ERR_WIN", 56],
    ["ERR_ERRHANDLER", 61],
    ["ERR_ABI", 62],
    ["ERR_LASTCODE", 0x3fff],
  ] as const)("has %s at MPI's %i", (name, number) => {
    expect(ERROR_NUMBERS[name]).toBe(number);
  });

  it("has no gap in MPI's own numbers", () => {
    for (let number = 0; number <= 62; number++)
      expect(errorClassName(number)).not.toBeNull();
    expect(errorClassName(63)).toBeNull();
  });
});

describe("a class", () => {
  it("is found by its number, and says its name and what it means", () => {
    for (const name of NAMES) {
      expect(errorClassName(ERROR_NUMBERS[name])).toBe(name);
      expect(errorNumber(name)).toBe(ERROR_NUMBERS[name]);
      expect(errorClassText(name)).toMatch(new RegExp(`^${name}: \\S`));
    }
  });

  it("that is not in the table has ERR_OTHER's number", () => {
    expect(errorNumber("ERR_USAGE")).toBe(ERROR_NUMBERS.ERR_OTHER);
    expect(errorNumber("toString")).toBe(ERROR_NUMBERS.ERR_OTHER);
    expect(errorClassName(-1)).toBeNull();
  });
});
