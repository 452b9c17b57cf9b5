import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tsmpi from "tsmpi";

const root = join(__dirname, "../..");

/** Content of all files below a folder, by path. */
const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    (readdirSync(folder, { recursive: true }) as string[])
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );

describe("docs/api", () => {
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-api-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is what the doc comments say, and every export has one; npm run docs writes it", () => {
    const typedoc = join(root, "node_modules/typedoc/bin/typedoc");
    // Warnings, of an export without a doc comment for instance, are errors.
    const output = execFileSync(
      process.execPath,
      [
        typedoc,
        "--out",
        folder,
        "--treatWarningsAsErrors",
        "--logLevel",
        "Warn",
      ],
      { cwd: root, encoding: "utf8" },
    );
    expect(output).toBe("");
    expect(filesIn(folder)).toEqual(filesIn(join(root, "docs/api")));
  }, 60_000);

  test("has a page for each export", () => {
    const pages = Object.keys(filesIn(join(root, "docs/api"))).join("\n");
    const exported = Object.keys(tsmpi);
    expect(exported.length).toBeGreaterThan(40);
    for (const name of exported) expect(pages).toContain(`/${name}.md`);
  });
});
