import { ArgumentError, ERROR_NUMBERS, lastUsedCode } from "@tsmpi/protocol";
import {
  Add_error_class,
  Add_error_code,
  Add_error_string,
  Get_error_class,
  Get_error_string,
  Get_hw_resource_info,
  Get_library_version,
  get_vendor,
  Get_version,
  Is_thread_main,
  MAXIMA,
  Pcontrol,
  Query_thread,
  Remove_error_class,
  Remove_error_code,
  Remove_error_string,
  THREAD_FUNNELED,
  THREAD_MULTIPLE,
  THREAD_SERIALIZED,
  THREAD_SINGLE,
  Wtick,
} from "./environ";

const { ERR_LASTCODE, ERR_OTHER, ERR_RANK, SUCCESS } = ERROR_NUMBERS;
const { version } = jest.requireActual<{ version: string }>(
  "../../package.json",
);

describe("the implementation", () => {
  it("says its versions", () => {
    expect(Get_version()).toEqual([4, 1]);
    expect(Get_library_version()).toBe(`tsmpi ${version}`);
    expect(get_vendor()).toEqual(["tsmpi", version.split(".").map(Number)]);
    expect(Get_library_version().length).toBeLessThanOrEqual(
      MAXIMA.MAX_LIBRARY_VERSION_STRING,
    );
  });

  it("is called by one thread, this one", () => {
    expect(Query_thread()).toBe(THREAD_FUNNELED);
    expect(Is_thread_main()).toBe(true);
    const levels = [
      THREAD_SINGLE,
      THREAD_FUNNELED,
      THREAD_SERIALIZED,
      THREAD_MULTIPLE,
    ];
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
  });

  it("has a clock that ticks", () => {
    expect(Wtick()).toBeGreaterThan(0);
    expect(Wtick()).toBeLessThan(1e-3);
  });

  it("says nothing of the hardware", () => {
    expect(Get_hw_resource_info().size).toBe(0);
  });

  it("takes levels 0, 1 and 2 of profiling", () => {
    [2, 1, 0].forEach(Pcontrol);
    for (const level of [-1, 3, 0.5])
      expect(() => Pcontrol(level)).toThrow(ArgumentError);
  });
});

describe("MPI's own errors", () => {
  it.each(Object.entries(ERROR_NUMBERS))(
    "%s is its own class, and has a text that begins with it",
    (name, number) => {
      expect(Get_error_class(number)).toBe(number);
      expect(Get_error_string(number).split(":")[0]).toBe(name);
      expect(Get_error_string(number).length).toBeLessThanOrEqual(
        MAXIMA.MAX_ERROR_STRING,
      );
    },
  );

  it.each([
    ["Add_error_string", () => Add_error_string(ERR_RANK, "mine")],
    ["Remove_error_class", () => Remove_error_class(SUCCESS)],
    ["Remove_error_code", () => Remove_error_code(SUCCESS)],
    ["Remove_error_string", () => Remove_error_string(SUCCESS)],
  ])("cannot be changed by %s", (_, call) => {
    expect(call).toThrow(ArgumentError);
  });
});

describe("errors that the program adds", () => {
  it("are a class with codes, each with a string of its own", () => {
    const errorclass = Add_error_class();
    expect(errorclass).toBeGreaterThan(ERR_LASTCODE);
    expect(lastUsedCode()).toBe(errorclass);
    expect(Get_error_string(errorclass)).toBe("");
    Add_error_string(errorclass, "error class");
    const codes = [Add_error_code(errorclass), Add_error_code(errorclass)];
    for (const code of codes) {
      expect(Get_error_string(code)).toBe("");
      Add_error_string(code, `error code ${code}`);
      expect(Get_error_class(code)).toBe(errorclass);
      expect(Get_error_string(code)).toBe(`error code ${code}`);
    }
    expect(Get_error_string(errorclass)).toBe("error class");
  });

  it("go in order: strings before codes, codes before their class", () => {
    const errorclass = Add_error_class();
    const code = Add_error_code(errorclass);
    Add_error_string(errorclass, "error class");
    Add_error_string(code, "error code");
    expect(() => Remove_error_code(code)).toThrow("still has a string");
    Remove_error_string(code);
    expect(Get_error_string(code)).toBe("");
    Remove_error_string(errorclass);
    expect(() => Remove_error_class(errorclass)).toThrow("still has codes");
    Remove_error_code(code);
    expect(() => Remove_error_code(code)).toThrow(ArgumentError);
    Add_error_string(errorclass, "error class");
    expect(() => Remove_error_class(errorclass)).toThrow("still has a string");
    Remove_error_string(errorclass);
    Remove_error_class(errorclass);
    expect(() => Remove_error_class(errorclass)).toThrow(ArgumentError);
  });

  it("are not taken for each other", () => {
    const errorclass = Add_error_class();
    const code = Add_error_code(ERR_OTHER);
    expect(() => Add_error_code(code)).toThrow("no class");
    expect(() => Remove_error_class(code)).toThrow("no class");
    expect(() => Remove_error_code(errorclass)).toThrow("no code");
    Remove_error_code(code);
  });

  it("have strings that are not too long", () => {
    const code = Add_error_code(ERR_OTHER);
    Add_error_string(code, "x".repeat(MAXIMA.MAX_ERROR_STRING));
    for (const text of ["x".repeat(MAXIMA.MAX_ERROR_STRING + 1), 3])
      expect(() => Add_error_string(code, text as string)).toThrow(
        ArgumentError,
      );
  });
});

it.each([
  ["Get_error_class", Get_error_class],
  ["Get_error_string", Get_error_string],
  ["Add_error_code", Add_error_code],
] as const)("%s refuses a code that there is not", (_, call) => {
  for (const code of [-1, lastUsedCode() + 1_000, 0.5])
    expect(() => call(code)).toThrow(ArgumentError);
});
