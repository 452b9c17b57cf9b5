const { TestEnvironment } = require("jest-environment-node");

/**
 * jest runs tests in a realm of their own, in which a Float32Array made by Node's native code is not `instanceof Float32Array`.
 * Here both realms share the constructors, as they do in a program.
 */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    const typedArrays = Object.getOwnPropertyNames(globalThis).filter((name) =>
      /Array$|^ArrayBuffer$|^SharedArrayBuffer$/.test(name),
    );
    for (const name of typedArrays)
      if (name !== "Array") this.global[name] = globalThis[name];
    // See `zeromq.js`.
    this.global.requireOnce = require;
  }
};
