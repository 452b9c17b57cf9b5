import type { TensorFlow } from "./engine";
import { loadEngine } from "./load";

/**
 * TensorFlow.js, loaded on first use: importing this loads nothing, reading any property starts the engine that TSMPI_ENGINE names.
 * A proxy and not a getter of the package, because an ESM `import { MPI }` of a CommonJS package reads every getter that it has.
 */
export const tf: TensorFlow = new Proxy({} as TensorFlow, {
  get: (_, key) => read(key),
  has: (_, key) => Reflect.has(loadEngine().tf, key),
  ownKeys: () => Reflect.ownKeys(loadEngine().tf),
  getOwnPropertyDescriptor: (_, key) => {
    const own = Reflect.getOwnPropertyDescriptor(loadEngine().tf, key);
    // A value and configurable, whatever it is: of others a proxy must have an equal property on its target.
    return (
      own && {
        value: read(key),
        enumerable: own.enumerable,
        configurable: true,
      }
    );
  },
  defineProperty: () => false,
  deleteProperty: () => false,
});

function read(key: string | symbol): unknown {
  return Reflect.get(loadEngine().tf, key);
}
