import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CLASSES } from "@tsmpi/protocol";

const text = readFileSync(join(__dirname, "../../docs/errors.md"), "utf8");
const paragraphs = new Map(
  text
    .split(/^### /m)
    .slice(1)
    .map((part) => [part.split("\n", 1)[0]!, part]),
);
const errors = ERROR_CLASSES.map((errorClass) => new errorClass("x"));

describe("docs/errors.md", () => {
  test("has a paragraph for each code, and no other", () => {
    expect([...paragraphs.keys()].sort()).toEqual(
      errors.map(({ code }) => code).sort(),
    );
  });

  test.each(errors.map((error) => [error.code, error] as const))(
    "names the class of %s and says whether it is recoverable",
    (code, error) => {
      const paragraph = paragraphs.get(code)!;
      expect(paragraph).toContain(`\`${error.name}\``);
      expect(/\bRecoverable\b/.test(paragraph)).toBe(error.recoverable);
    },
  );
});
