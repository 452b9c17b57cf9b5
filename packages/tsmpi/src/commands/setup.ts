import { cacheDirectory, setupTools } from "@tsmpi/engine";
import { showSetup } from "../setup-progress";
import { runStockInstaller } from "../stock-installer";
import { subcommandParser } from "../subcommand-parser";
import { UsageError } from "../usage-error";
import type { Command } from "../command";

const OPTIONS = {
  gpu: {
    type: "boolean",
    describe: "the build for NVIDIA GPUs, with CUDA's libraries (2.5 GB)",
  },
  dir: {
    type: "string",
    describe:
      "where engines lie; jobs look there if TSMPI_CACHE_DIR says the same; default: the user's cache folder",
  },
  from: {
    type: "string",
    array: true,
    describe:
      "a wheel, the tarball of tfjs-node, or a folder of them, to take instead of fetching; may be repeated",
  },
  force: {
    type: "boolean",
    describe:
      "make it anew where it is there already; with --gpu, also where no driver is",
  },
  stock: {
    type: "boolean",
    describe: "npm install tfjs-node with its own installer instead",
  },
  remove: { type: "boolean", describe: "remove what setup has made" },
} as const;

/** Makes the native TensorFlow engine, once a machine. */
export const command: Command = {
  summary: "set up native TensorFlow (CPU, or CUDA with --gpu)",
  async run(argv) {
    const parsed = await subcommandParser({
      name: "setup",
      summary:
        "Native TensorFlow for all your projects on this machine: compiled against the library in TensorFlow's Python wheel.",
      options: OPTIONS,
    })(argv);
    if (parsed === "help") return 0;
    const { gpu, dir, from, force, stock, remove } = parsed;
    const cache = cacheDirectory(
      dir === undefined ? process.env : { TSMPI_CACHE_DIR: dir },
    );
    if (stock && (gpu || dir !== undefined || from?.length || remove))
      throw new UsageError(
        "--stock runs tfjs-node's own installer in this project; of the other flags none is for it",
      );
    const tools = await setupTools();
    if (remove) {
      const removed = await tools.removeEngines(cache);
      print(
        removed.length === 0
          ? `there is nothing in ${cache}`
          : `removed from ${cache}: ${removed.join(", ")}`,
      );
      return 0;
    }
    if (stock) return runStockInstaller();
    const startMs = performance.now();
    const progress = showSetup();
    try {
      const { engine, wasThere, selfTest } = await tools.setup({
        ...{ cache, progress },
        build: gpu ? "gpu" : "cpu",
        force: force ?? false,
        from: from ?? [],
      });
      progress.close();
      const { name, version, device } = selfTest.engine;
      print(
        [
          `${wasThere ? "was set up already" : "set up"}: ${name} ${version} on ${device}, in ${engine.directory}`,
          `${(engine.bytes / 1e6).toFixed(0)} MB; loads in ${selfTest.loadMs} ms and trains; ${((performance.now() - startMs) / 1000).toFixed(1)} s in all`,
          ...(cache === cacheDirectory()
            ? []
            : [`jobs find it with TSMPI_CACHE_DIR=${cache}`]),
        ].join("\n"),
      );
      return 0;
    } finally {
      progress.close();
    }
  },
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);
