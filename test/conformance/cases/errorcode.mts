import { MPI } from "tsmpi";
import { equal, isTrue, ok, throws } from "../check.mts";
import type { Suite } from "../suite.mts";

/** SUCCESS and every ERR_… but the last, which is no class. */
const errorClasses = (): [string, number][] => [
  ["SUCCESS", MPI.SUCCESS],
  ...Object.keys(MPI)
    .filter((name) => name.startsWith("ERR_") && name !== "ERR_LASTCODE")
    .map((name): [string, number] => [
      name,
      MPI[name as "ERR_ARG"] as unknown as number,
    ]),
];

const anyError = (call: () => unknown): void => {
  let error: unknown = null;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  ok(error instanceof MPI.Exception, String(error));
};

export const suites: readonly Suite[] = [
  {
    name: "TestErrorCode",
    cases: {
      "a predefined class is its own class": () => {
        equal(MPI.SUCCESS, 0);
        ok(errorClasses().length > 40);
        for (const [name, number] of errorClasses()) {
          ok(number >= MPI.SUCCESS && number <= MPI.ERR_LASTCODE, name);
          equal(MPI.Get_error_class(number), number, name);
        }
        const numbers = errorClasses().map(([, number]) => number);
        equal(new Set(numbers).size, numbers.length);
      },

      "every class has a text": () => {
        for (const [name, number] of errorClasses())
          ok(MPI.Get_error_string(number).length > 0, name);
      },

      "an exception says its code, class and text": () => {
        for (const [name, number] of errorClasses()) {
          const exception = new MPI.Exception(number);
          const text = MPI.Get_error_string(number);
          equal(exception.Get_error_code(), number);
          equal(exception.Get_error_class(), number);
          equal(exception.Get_error_string(), text);
          equal(exception.error_code, number);
          equal(exception.error_class, number);
          equal(exception.error_string, text);
          equal(exception.message, text);
          if (number !== MPI.SUCCESS) equal(exception.code, name);
          isTrue(exception instanceof Error);
        }
        equal(new MPI.Exception().Get_error_code(), MPI.SUCCESS);
      },

      "an exception of a number that is no code is unknown, or that number":
        () => {
          equal(
            new MPI.Exception(MPI.SUCCESS - 1).Get_error_code(),
            MPI.ERR_UNKNOWN,
          );
          equal(
            new MPI.Exception(MPI.ERR_LASTCODE + 1).Get_error_code(),
            MPI.ERR_LASTCODE + 1,
          );
        },

      "what a call raises says its class": () => {
        const error = throws(() => MPI.COMM_SELF.bcast(1, 5), "ERR_ROOT");
        ok(error instanceof MPI.Exception);
        equal(error.Get_error_class(), MPI.ERR_ROOT);
        equal(error.error_class, MPI.ERR_ROOT);
        equal(error.Get_error_code(), MPI.ERR_ROOT);
        equal(error.Get_error_string(), MPI.Get_error_string(MPI.ERR_ROOT));
      },

      "a class can be added and removed": () => {
        const errorClass = MPI.Add_error_class();
        ok(errorClass >= MPI.ERR_LASTCODE);
        MPI.Remove_error_class(errorClass);
      },

      "a code can be added and removed": () => {
        const code = MPI.Add_error_code(MPI.ERR_OTHER);
        ok(code > MPI.ERR_LASTCODE);
        equal(MPI.Get_error_class(code), MPI.ERR_OTHER);
        MPI.Remove_error_code(code);
      },

      "classes, codes and texts are removed from the last to the first": () => {
        const lastUsed = () =>
          MPI.COMM_WORLD.Get_attr(MPI.LASTUSEDCODE) as number;
        lastUsed();
        const errorClass = MPI.Add_error_class();
        equal(lastUsed(), errorClass);
        equal(MPI.Get_error_string(errorClass), "");
        MPI.Add_error_string(errorClass, "error class");
        equal(MPI.Get_error_string(errorClass), "error class");
        const codes = [1, 2].map((number) => {
          const code = MPI.Add_error_code(errorClass);
          equal(MPI.Get_error_string(code), "");
          MPI.Add_error_string(code, `error code ${number}`);
          equal(MPI.Get_error_class(code), errorClass);
          equal(MPI.Get_error_string(code), `error code ${number}`);
          return code;
        });
        const exception = new MPI.Exception(codes[0]);
        equal(exception.Get_error_class(), errorClass);
        equal(exception.Get_error_string(), "error code 1");
        for (const code of codes.reverse()) {
          anyError(() => MPI.Remove_error_class(errorClass));
          anyError(() => MPI.Remove_error_code(code));
          MPI.Remove_error_string(code);
          equal(MPI.Get_error_string(code), "");
          MPI.Remove_error_code(code);
          anyError(() => MPI.Remove_error_code(code));
        }
        anyError(() => MPI.Remove_error_class(errorClass));
        MPI.Remove_error_string(errorClass);
        equal(MPI.Get_error_string(errorClass), "");
        MPI.Remove_error_class(errorClass);
        anyError(() => MPI.Remove_error_class(errorClass));
      },

      "what is predefined cannot be removed": () => {
        anyError(() => MPI.Remove_error_class(0));
        anyError(() => MPI.Remove_error_code(0));
        anyError(() => MPI.Remove_error_string(0));
        anyError(() => MPI.Remove_error_class(MPI.ERR_ARG));
      },
    },
  },
];
