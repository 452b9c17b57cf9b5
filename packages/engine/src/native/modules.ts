import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * tfjs-node, set up in the user's cache, has no packages around it: what it requires comes from here, so that its TensorFlow.js is
 * the project's own. Setup writes for each name a module that asks for it through the global symbol.
 */
const SYMBOL = "tsmpi.native.require";

const load = createRequire(__filename) as (name: string) => unknown;

const MODULES: Readonly<Record<string, () => unknown>> = {
  "@tensorflow/tfjs": () => load("@tensorflow/tfjs"),
  "@tensorflow/tfjs-core": () =>
    (createRequire(require.resolve("@tensorflow/tfjs")) as typeof load)(
      "@tensorflow/tfjs-core",
    ),
  "@mapbox/node-pre-gyp": () => ({ find: bindingOf }),
  "google-protobuf": () => load("google-protobuf"),
  progress: () => load("progress"),
};

export const BORROWED_MODULES: readonly string[] = Object.keys(MODULES);

/** The text of the module that stands for `name` beside tfjs-node. */
export const borrowingModule = (name: string): string =>
  `module.exports = globalThis[Symbol.for(${JSON.stringify(SYMBOL)})](${JSON.stringify(name)});\n`;

/** Call before tfjs-node is required; it may require at any time. */
export function lendModules(): void {
  Object.defineProperty(globalThis, Symbol.for(SYMBOL), {
    value: (name: string) => MODULES[name]!(),
    configurable: true,
  });
}

/** Where the binding lies: node-pre-gyp computes the same, with 40 packages. */
export const BINDING = "lib/napi-v8/tfjs_binding.node";

const bindingOf = (packageJson: string): string =>
  join(dirname(packageJson), BINDING);
