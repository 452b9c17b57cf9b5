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
    // The threads of an engine would outlive its test in this process, and take the core of the test beside it.
    this.global.process.env.OMP_NUM_THREADS ??= "1";
    // See `zeromq.js`.
    this.global.requireOnce = require;
  }
};
