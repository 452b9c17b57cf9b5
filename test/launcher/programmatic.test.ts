import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const programs = join(__dirname, "programs/programmatic");

/** Runs a program that launches, and reads the JSON that it prints. */
async function drive<T>(program: string): Promise<T> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(programs, program)],
    { timeout: 60_000 },
  );
  expect(stderr).toBe("");
  return JSON.parse(stdout) as T;
}

interface Failed {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly stack: string;
  readonly cause?: { name: string };
}

describe("from an ES module", () => {
  let results: {
    codes: { exitCode: number; ranks: unknown[]; failure: null };
    heard: string[];
    failed: {
      exitCode: number;
      ranks: { exitCode: number }[];
      failure: object;
    };
    values: object[];
    types: string[][];
    atOnce: unknown[];
    errors: Record<string, Failed>;
    pids: number[];
    left: number[];
    timeout: number;
    listeners: number;
  };
  beforeAll(async () => {
    results = await drive("drive.mjs");
  }, 60_000);

  describe("launch", () => {
    test("gives each rank's exit code and output", () => {
      expect(results.codes).toMatchObject({ exitCode: 0, failure: null });
      expect(results.codes.ranks).toEqual(
        [0, 1, 2].map((rank) => ({
          rank,
          exitCode: 0,
          stdout: `out ${rank} hi ${programs}\n`,
          stderr: `err ${rank}\n`,
        })),
      );
    });
    test("hands on output as it comes", () => {
      expect(results.heard).toHaveLength(6);
      expect(results.heard[0]).toBe("0 stderr err 0\n");
    });
    test("resolves when a rank fails, with its code", () => {
      expect(results.failed.exitCode).toBe(7);
      expect(results.failed.ranks[1]!.exitCode).toBe(7);
      expect(results.failed.failure).toMatchObject({ rank: 1, exitCode: 7 });
    });
    test("ends all processes when its signal aborts", () => {
      expect(results.errors.abort!.name).toBe("AbortError");
      expect(results.pids).toHaveLength(4);
      expect(results.left).toEqual([]);
      expect(results.errors.aborted!.name).toBe("AbortError");
    });
    test("ends at its time limit", () => expect(results.timeout).toBe(110));
    test("leaves the signals of its program alone", () =>
      expect(results.listeners).toBe(0));
  });

  describe("runRanks", () => {
    test("gives the values of an async function, in rank order", () => {
      expect(results.values).toMatchObject([
        { rank: 0, total: 12, scaled: { 0: 3 } },
        { rank: 1, total: 12, scaled: { 0: 3 } },
      ]);
      expect(results.types).toEqual([
        ["Float32Array", "Date"],
        ["Float32Array", "Date"],
      ]);
    });
    test("throws the error of a rank, with its stack", () => {
      const { code, message, stack, cause } = results.errors.fail!;
      expect(code).toBe("ERR_OTHER");
      expect(message).toBe("rank 1: TypeError: this is wrong");
      expect(stack.split("\n")[1]).toMatch(/at fail .*functions\.ts:\d+/);
      expect(cause).toMatchObject({ name: "TypeError" });
    });
    test.each([
      ["mismatch", "ERR_ROOT", /^rank \d: .*root/],
      ["unsendable", "ERR_SERIALIZE", /^rank \d: value\.f is a function/],
      ["leave", "ERR_OTHER", /exit code 3.*rank \d/],
      [
        "noSuch",
        "ERR_ARG",
        /exports no function "noSuch"; it exports fail, leave, mismatch, sum, unsendable/,
      ],
      ["argument", "ERR_SERIALIZE", /args\[0\] is a function/],
      ["np", "ERR_ARG", /np is 0, and must be/],
      [
        "file",
        "ERR_ARG",
        /there is no file .*bussy\.js; did you mean .*busy\.js\?/,
      ],
      ["engine", "ERR_ARG", /"wams".*did you mean "?wasm/],
    ])("says what is wrong: %s", (name, code, message) => {
      expect(results.errors[name]!.code).toBe(code);
      expect(results.errors[name]!.message).toMatch(message);
    });
  });

  test("several jobs run at once", () =>
    expect(results.atOnce).toEqual([[2, 2], [30, 30, 30], 5]));
});

test("from CommonJS, too", async () => {
  expect(await drive("drive.cjs")).toEqual({ exitCode: 4, totals: [4, 4] });
}, 60_000);
