import { execFile } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { NATIVE_CACHE, nativeTest } from "../support/native-engine";

const root = join(__dirname, "../..");
const packages = readdirSync(join(root, "packages"));
const run = (command: string, args: string[], cwd: string) =>
  promisify(execFile)(command, args, { cwd, timeout: 120_000 });

const TRAIN = `
const model = distribute(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }));
model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
const x = tf.ones([8, 2]);
const y = tf.ones([8, 1]);
`;
const REPORT =
  "console.log(`rank ${MPI.COMM_WORLD.rank} ${history.epoch.length}`);";
const PROGRAMS: Record<string, string> = {
  "train.ts": `import { distribute, MPI, tf } from "tsmpi";
${TRAIN}const history: { epoch: number[] } = await model.fit(x, y, { epochs: 2, verbose: 0 });
${REPORT}`,
  "train.cjs": `const { distribute, MPI, tf } = require("tsmpi");
${TRAIN}model.fit(x, y, { epochs: 2, verbose: 0 }).then((history) => { ${REPORT} });`,
  "launches.mjs": `import { launch, runRanks } from "tsmpi";
const { ranks } = await launch({ np: 2, script: "train.cjs" });
console.log(ranks.map(({ stdout }) => stdout).join("").trim());
console.log(await runRanks(2, "double.mjs", "double", [21]));`,
  "double.mjs": "export const double = (x) => 2 * x;",
};

describe("the packed packages", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tsmpi-pack-"));
    const where = packages.flatMap((name) => ["-w", `packages/${name}`]);
    await run("npm", ["pack", "--pack-destination", folder, ...where], root);
    const tarballs = readdirSync(folder).map((name) => `./${name}`);
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund"];
    await run("npm", ["install", ...quiet, ...tarballs], folder);
    for (const [name, text] of Object.entries(PROGRAMS))
      writeFileSync(join(folder, name), text);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("are one for each folder, and hold programs and types but no tests and no sources", () => {
    const installed = [
      "tsmpi",
      ...packages
        .filter((name) => name !== "tsmpi")
        .map((name) => `@tsmpi/${name}`),
    ];
    for (const name of installed) {
      const at = join(folder, "node_modules", name);
      const files = readdirSync(at, { recursive: true }) as string[];
      const { main, types, bin } = JSON.parse(
        readFileSync(join(at, "package.json"), "utf8"),
      ) as {
        main: string;
        types: string;
        bin?: Record<string, string>;
      };
      expect(files).toEqual(
        expect.arrayContaining([main, types, ...Object.values(bin ?? {})]),
      );
      expect(
        files.filter((file) => /(^src|\.test\.|tsbuildinfo)/.test(file)),
      ).toEqual([]);
    }
  });

  test("hold what tsrun setup compiles", () => {
    const engine = join(folder, "node_modules/@tsmpi/engine/native");
    expect(readdirSync(engine).sort()).toEqual(
      readdirSync(join(root, "packages/engine/native")).sort(),
    );
  });

  nativeTest()(
    "train on the native TensorFlow that another project has set up, with their own TensorFlow.js",
    async () => {
      const { stdout } = await promisify(execFile)(
        "npx",
        ["tsrun", "doctor", "--json", "--engine", "tensorflow"],
        { cwd: folder, env: { ...process.env, TSMPI_CACHE_DIR: NATIVE_CACHE } },
      );
      expect(JSON.parse(stdout)).toMatchObject({
        engine: { name: "tensorflow", device: "cpu" },
        engineProblem: null,
      });
    },
    60_000,
  );

  test.each(["train.ts", "train.cjs"])(
    "run a user's %s on two ranks",
    async (program) => {
      const { stdout } = await run(
        "npx",
        ["tsrun", "-n", "2", program],
        folder,
      );
      expect(stdout.trim().split("\n").sort()).toEqual([
        "rank 0 2",
        "rank 1 2",
      ]);
    },
    60_000,
  );

  test("measure, without the sources", async () => {
    const words = "tsrun bench bcast -n 2 --sizes 8 --iterations 1 --json";
    const { stdout } = await run("npx", words.split(" "), folder);
    expect(JSON.parse(stdout)).toMatchObject({ op: "bcast", verified: true });
  }, 60_000);

  test("launch from a user's program", async () => {
    const { stdout } = await run(process.execPath, ["launches.mjs"], folder);
    expect(stdout).toBe("rank 0 2\nrank 1 2\n[ 42, 42 ]\n");
  }, 60_000);
});
