/** What a rank needs before a TypeScript program. The order counts: the hooks that are registered last are asked first. */
import "./preload.js";
import "tsx";
import * as nodeModule from "node:module";

const { registerHooks } = nodeModule as unknown as {
  registerHooks?: (hooks: object) => void;
};
if (registerHooks === undefined)
  nodeModule.register("./typescript-format.mjs", import.meta.url);
else {
  const { resolveSync: resolve, loadSync: load } =
    await import("./typescript-format.mjs");
  registerHooks({ resolve, load });
}
