import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { TSRUN } from "../support/launch";
import { NATIVE_CACHE, nativeTest } from "../support/native-engine";
import { nodeOfVersion } from "../support/node-versions";

const PROGRAM = join(__dirname, "../train/programs/mlp.mts");
const own = Number(process.versions.node.split(".")[0]);
const native = nativeTest();

describe.each([20, 22, 24].filter((major) => major !== own))(
  "Node.js %i",
  (major) => {
    const node = nodeOfVersion(major);
    if ("missing" in node) {
      process.stderr.write(`Node.js ${major} is not tested: ${node.missing}\n`);
      return test.skip(`is not tested: ${node.missing}`, () => {});
    }
    const tsrun = (...args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(
        node.path,
        [TSRUN, ...args],
        {
          encoding: "utf8",
          env: {
            ...process.env,
            TSMPI_CACHE_DIR: NATIVE_CACHE,
            TSMPI_LOG: "warn",
          },
        },
      );
      return { status, stdout, stderr };
    };

    native("tsrun doctor finds native TensorFlow, and it trains", () => {
      const { status, stdout, stderr } = tsrun("doctor", "--json");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const facts = JSON.parse(stdout) as {
        node: string;
        engine: object;
      };
      expect(facts.node).toMatch(new RegExp(`^${major}\\.`));
      expect(facts.engine).toMatchObject({ name: "tensorflow" });
    });

    const trains = (engine: string) => {
      const { status, stdout, stderr } = tsrun(
        ...["-n", "2", "--engine", engine, PROGRAM],
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({
        backend: engine,
        isEqual: true,
        left: 0,
      });
    };
    native("two ranks train on native TensorFlow", () => trains("tensorflow"));
    test("two ranks train on WebAssembly", () => trains("wasm"));
  },
);
