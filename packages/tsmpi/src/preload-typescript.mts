/**
 * What a rank needs before a TypeScript program: `preload`, tsx, and in front of tsx the hooks that decide on module systems
 * (the last that is registered is asked first).
 *
 * Where hooks have a thread of their own, tsx goes there directly: its usual entry would load the same code on this thread, too,
 * and take another 0.1 s.
 */
import "./preload.js";
import * as nodeModule from "node:module";
import * as nodeUrl from "node:url";

const require = nodeModule.createRequire(import.meta.url);
const { registerHooks } = nodeModule as unknown as {
  registerHooks?: (hooks: object) => void;
};
if (registerHooks === undefined) {
  require("tsx/cjs");
  process.setSourceMapsEnabled(true);
  nodeModule.register("tsx/esm", import.meta.url, { data: {} });
  nodeModule.register("./typescript-format.mjs", import.meta.url);
} else {
  const tsx = require.resolve("tsx");
  await import(nodeUrl.pathToFileURL(tsx).href);
  const { resolveSync: resolve, loadSync: load } =
    await import("./typescript-format.mjs");
  registerHooks({ resolve, load });
}
