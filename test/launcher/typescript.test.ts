import { launch } from "../support/launch";
import { temporaryFolder } from "./temporary";

const HELPER = `
  export default "default";
  export const named: string = "named";`;
const AWAIT = `
  import word, { named } from "./helper";
  import * as path from "node:path";
  const three: number = await Promise.resolve(3);
  const late = await import("./helper.js");
  console.log(three, word, named, late.default, path.basename(__filename), typeof require("node:fs").statSync);
  export {};`;

const { folder, remove } = temporaryFolder({
  "none/helper.ts": HELPER,
  "none/await.ts": AWAIT,
  "typeless/package.json": "{}",
  "typeless/helper.ts": HELPER,
  "typeless/await.ts": AWAIT,
  "commonjs/package.json": '{ "type": "commonjs" }',
  "commonjs/helper.ts": HELPER,
  "commonjs/await.ts": AWAIT,
  "module/package.json": '{ "type": "module" }',
  "module/helper.ts": HELPER,
  "module/await.ts": AWAIT.replace(
    /, path.*statSync/,
    ', "await.ts", "function"',
  ),
  "none/await.mts": `console.log(await Promise.resolve("mts") as string);`,
  "none/old.cts": `import helper = require("./helper"); console.log(helper.named as string);`,
  "none/import.ts": `import word, { named } from "./helper"; console.log(word, named as string, require.main === module);`,
  "none/require.ts": `const { named } = require("./helper"); async function f() { await 1; } void f(); console.log(named as string, __dirname.length > 1);`,
  "none/meta.ts": `console.log(import.meta.url.startsWith("file:") as boolean);`,
  "none/throws.ts": `
interface Wide { readonly x: number }
const two: number = await Promise.resolve(2);
function train(wide: Wide): never {

  throw new Error("boom " + wide.x);
}
train({ x: two, });`,
  "none/throws-commonjs.ts": `
interface Wide { readonly x: number }

function train(wide: Wide): never {
  throw new Error("boom " + wide.x);
}
train({ x: 2 });`,
  "none/broken.ts": "const a: number = 1;\nconst b = = 2;\n",
  "none/broken-await.ts": "const a: number = await 1;\nconst b = = 2;\n",
  "none/imports-broken.ts": 'import "./broken";\nawait 1;\n',
  "none/broken.cjs": "const a = 1;\nconst b = = 2;\n",
  "none/broken.mjs": "const a = 1;\nconst b = = 2;\n",
  "none/broken.js": "export const a = 1;\nconst b = = 2;\n",
  "none/imports-broken.mjs": 'import "./broken.mjs";\n',
  "none/no-such-export.mjs": '\nimport { nope } from "node:fs";\nnope();\n',
});
afterAll(remove);

const run = (file: string, ranks = 1) =>
  launch({ args: ["-n", String(ranks), file], cwd: folder });

describe("running TypeScript", () => {
  test.each(["none", "typeless", "commonjs", "module"])(
    "with top-level await works beside a package.json of kind: %s",
    async (kind) => {
      const { stderr, stdout } = await run(`${kind}/await.ts`);
      expect(stderr).toBe("");
      expect(stdout).toBe("3 default named default await.ts function\n");
    },
  );

  test.each([
    ["await.mts", "mts"],
    ["old.cts", "named"],
    ["import.ts", "default named true"],
    ["require.ts", "named true"],
    ["meta.ts", "true"],
  ])("%s works", async (file, expected) => {
    const { stderr, stdout } = await run(`none/${file}`);
    expect({ stderr, stdout }).toEqual({ stderr: "", stdout: `${expected}\n` });
  });

  test.each([
    ["throws.ts", 6],
    ["throws-commonjs.ts", 5],
  ])("%s: the stack names the line in the .ts file", async (file, line) => {
    const { exitCode, stderr } = await run(`none/${file}`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/failed with exit code 1\n {2}Error: boom 2\n/);
    expect(stderr).toMatch(
      new RegExp(`\\n +at train \\(${folder}/none/${file}:${line}:\\d+\\)\\n`),
    );
  });
});

describe("making a syntax error", () => {
  test.each([
    ["broken.ts", /broken\.ts:2:10: ERROR: Unexpected "="/],
    ["broken-await.ts", /broken-await\.ts:2:10: ERROR: Unexpected "="/],
    ["imports-broken.ts", /broken\.ts:2:10: ERROR: Unexpected "="/],
    ["broken.cjs", /broken\.cjs:2\n[^]*SyntaxError: Unexpected token '='/],
    ["broken.mjs", /broken\.mjs:2\n[^]*SyntaxError: Unexpected token '='/],
    ["broken.js", /broken\.js:2\n[^]*SyntaxError: Unexpected token '='/],
    ["imports-broken.mjs", /none\/broken\.mjs:2\n[^]*SyntaxError/],
    ["no-such-export.mjs", /no-such-export\.mjs:2\n[^]*named 'nope'/],
  ])("in %s shows its place once for three ranks", async (file, place) => {
    const { exitCode, stdout, stderr } = await run(`none/${file}`, 3);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(place);
    expect(stderr.match(/^tsrun: /gm)).toHaveLength(1);
    expect(stderr.match(/Unexpected|named 'nope'/g)).toHaveLength(1);
    expect(stderr.length).toBeLessThan(600);
  });
});
