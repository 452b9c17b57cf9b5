import { describeError } from "./error-text";

const withStack = (message: string, ...frames: string[]) =>
  Object.assign(new Error(message), {
    stack: [`Error: ${message}`, ...frames.map((f) => `    at ${f}`)].join(
      "\n",
    ),
  });

describe("describing an error", () => {
  test("keeps the user's frames and drops Node's and the loader's", () => {
    const error = withStack(
      "boom",
      "train (file:///home/me/train.ts:3:9)",
      "node:internal/main/run_main_module:28:49",
      "Module._compile (node:internal/modules/cjs/loader:1521:14)",
      "x (/p/node_modules/tsx/dist/register.cjs:1:9)",
      "model (/p/node_modules/@tensorflow/tfjs/dist/tf.js:1:9)",
    );
    expect(describeError(error)).toBe(
      "Error: boom\n    at train (/home/me/train.ts:3:9)\n    at model (/p/node_modules/@tensorflow/tfjs/dist/tf.js:1:9)",
    );
  });

  test("of deep libraries keeps the first frames and the user's", () => {
    const deep = Array.from(
      { length: 20 },
      (_, i) => `f${i} (/p/node_modules/tf/dist/tf.js:${i}:1)`,
    );
    const text = describeError(withStack("x", ...deep, "main (/p/a.ts:1:1)"));
    expect(text.match(/at \w+/g)).toEqual([
      "at f0",
      "at f1",
      "at f2",
      "at main",
    ]);
  });

  test("cuts minified code and stays within 2 kB", () => {
    const error = new Error("x");
    error.stack = `/p/tf.min.js:1\n${"a".repeat(40_000)}\n^\n\nError: x\n${"    at f (/a/b.js:1:1)\n".repeat(400)}`;
    const text = describeError(error);
    expect(Buffer.byteLength(text)).toBeLessThan(2_000);
    expect(text).toContain("aaa …\n^\nError: x\n    at f");
    const many = describeError(new Error("long line\n".repeat(1_000)));
    expect(Buffer.byteLength(many)).toBeLessThanOrEqual(2_000);
    expect(many.endsWith("…")).toBe(true);
  });

  test("follows the causes, each with its first frame", () => {
    const inner = withStack("inner", "f (/a.ts:1:1)", "g (/a.ts:2:2)");
    const outer = Object.assign(withStack("outer", "h (/b.ts:3:3)"), {
      cause: inner,
    });
    expect(describeError(outer)).toBe(
      "Error: outer\n    at h (/b.ts:3:3)\ncaused by: Error: inner\n    at f (/a.ts:1:1)",
    );
  });

  test("ends a circle of causes", () => {
    const error = withStack("circle");
    error.cause = error;
    expect(describeError(error).match(/circle/g)!.length).toBeLessThan(6);
  });

  test("shows what is thrown and is no error", () => {
    expect(describeError(null)).toBe("thrown: null");
    expect(describeError("text")).toBe('thrown: "text"');
    expect(describeError({ a: 1 })).toBe('thrown: {"a":1}');
  });
});
