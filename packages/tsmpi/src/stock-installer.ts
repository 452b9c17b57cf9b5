import { spawn } from "node:child_process";

const SPEC = "@tensorflow/tfjs-node@4.22.0";

/** npm installs tfjs-node beside the program, with its own install script and that script's downloads. */
export const runStockInstaller = (): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn("npm", ["install", "--no-save", SPEC], {
      stdio: "inherit",
    });
    child.on("error", () => {
      process.stderr.write("tsrun: npm is not on the PATH\n");
      resolve(1);
    });
    child.on("close", (code) => {
      if (code !== 0)
        process.stderr.write(
          `tsrun: npm could not install ${SPEC}: its script downloads TensorFlow from storage.googleapis.com, which many networks block; npx tsrun setup, without --stock, needs only the npm registry and a Python package index\n`,
        );
      resolve(code === 0 ? 0 : 1);
    });
  });
