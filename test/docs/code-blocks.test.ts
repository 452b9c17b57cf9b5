import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { promisify } from "node:util";
import { launch } from "../support/launch";

const root = join(__dirname, "../..");
const files = ["README.md", "CONTRIBUTING.md", "docs", "docs/guides"].flatMap(
  (path) =>
    path.endsWith(".md")
      ? [path]
      : readdirSync(join(root, path))
          .filter((name) => name.endsWith(".md"))
          .map((name) => join(path, name)),
);

interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const blocks = files.flatMap((file): Block[] => {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length,
    language: match[1]!,
    text: match[2]!,
  }));
});
const of = (language: string) =>
  blocks.filter((one) => one.language === language);
const name = ({ file, line }: Block, suffix = "") =>
  `${basename(file, ".md")}-${line}${suffix}.mts`;

/** A program that launches others is one process; the others are ranks. */
const launches = ({ text }: Block) => /\b(launch|runRanks)\b/.test(text);
/** A program whose ranks are workers, but for the first. */
const pools = ({ text }: Block) => /\bnew RankPool\b/.test(text);
/** The first line of a block that others import: `// sum.ts` */
const fileName = ({ text }: Block) => /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];

/** The two programs of a diff. */
const side = ({ text }: Block, sign: "-" | "+") =>
  text
    .split("\n")
    .filter(
      (line) => line === "" || line.startsWith(" ") || line.startsWith(sign),
    )
    .map((line) => line.slice(1))
    .join("\n");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-blocks-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "examples"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const block of of("ts"))
    writeFileSync(join(folder, fileName(block) ?? name(block)), block.text);
  for (const block of of("diff"))
    writeFileSync(join(folder, name(block)), side(block, "+"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("code blocks are of kinds that are run here, or by the continuous integration", () => {
  expect(of("ts").length).toBeGreaterThan(8);
  expect([...new Set(blocks.map(({ language }) => language))].sort()).toEqual(
    // No language: pictures of trees and processes.
    ["", "diff", "sh", "ts"],
  );
});

test("every TypeScript block runs on two ranks", async () => {
  const programs = [...of("ts"), ...of("diff")].filter(
    (block) =>
      !launches(block) && !pools(block) && fileName(block) === undefined,
  );
  // One after the other in one job: an error names the block.
  const lines = programs.map(
    (block) =>
      `await import("./${name(block)}").catch((error) => { throw new Error("${block.file}:${block.line}", { cause: error }) });`,
  );
  writeFileSync(join(folder, "all.mts"), lines.join("\n"));
  const { exitCode, stderr } = await launch({
    args: ["-n", "2", "all.mts"],
    cwd: folder,
  });
  expect({ exitCode, stderr: stderr.replace(/^epoch .*\n/gm, "") }).toEqual({
    exitCode: 0,
    stderr: "",
  });
});

test.each(
  of("ts")
    .filter(launches)
    .map((block) => [`${block.file}:${block.line}`, block] as const),
)("the program at %s launches jobs", async (_, block) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", name(block)],
    { cwd: folder },
  );
  expect(stdout).toMatch(/^\[ 42, 42 \] 0/);
});

test.each(
  of("ts")
    .filter(pools)
    .map((block) => [`${block.file}:${block.line}`, block] as const),
)("the program at %s has its tasks run by two workers", async (_, block) => {
  const { exitCode, stderr } = await launch({
    args: ["-n", "3", "-m", "futures", name(block)],
    cwd: folder,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});

describe.each(
  of("diff").map((block) => [`${block.file}:${block.line}`, block] as const),
)("the diff at %s", (_, block) => {
  test("changes at most three lines of a script that trains on one process", () => {
    const count = (sign: string) =>
      block.text.split("\n").filter((line) => line.startsWith(sign)).length;
    expect(count("+")).toBeGreaterThan(0);
    expect(count("+")).toBeLessThanOrEqual(3);
    expect(count("-")).toBeLessThanOrEqual(3);
  });
  test("begins from a script that plain TensorFlow.js runs", async () => {
    const program = name(block, "-before");
    writeFileSync(join(folder, program), side(block, "-"));
    await promisify(execFile)(process.execPath, ["--import", "tsx", program], {
      cwd: folder,
    });
  });
});

const TOOLS = [
  ...["npm", "npx", "bash", "pip", "python3"],
  ...["docker", "openssl", "chown", "chmod"],
];

test("every command that is shown names programs and scripts that there are", () => {
  const scripts = (
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    }
  ).scripts;
  const commands = of("sh").flatMap(({ text }) =>
    text
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, ""))
      .filter((line) => line !== "")
      .flatMap((line) => line.split(" && ")),
  );
  expect(commands.length).toBeGreaterThan(3);
  for (const command of commands) {
    const [tool, ...words] = command
      .replace(/^([A-Z_]+=("[^"]*"|\S+) )+/, "")
      .split(" ");
    expect(TOOLS).toContain(tool);
    if (words[0] === "run") expect(Object.keys(scripts)).toContain(words[1]);
    for (const word of command
      .split(/[\s"=]+/)
      .filter((word) => /^(examples|bench|test|docker|\.ci)\//.test(word)))
      expect(() => readFileSync(join(root, relative(".", word)))).not.toThrow();
  }
});
