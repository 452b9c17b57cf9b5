// Assembles what packages have as WebAssembly text, behind the compiler:  node assemble-kernels.cjs
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const wabt = require("wabt");

/** Each becomes a .wasm file beside the module that exports its text. */
const KERNELS = [
  ["collective/dist/kernels/kernels", "kernelsSource"],
  ["collective/dist/compression/codecs", "codecsSource"],
  ["data/dist/tfrecord/kernel", "kernelSource"],
];

const features = { simd: true, threads: true, bulk_memory: true };

void wabt().then((assembler) => {
  for (const [name, source] of KERNELS) {
    const path = join(__dirname, "packages", name);
    const text = require(`${path}-source.js`)[source]();
    const module = assembler.parseWat(`${name}.wat`, text, features);
    module.validate(features);
    const { buffer } = module.toBinary({});
    writeFileSync(`${path}.wasm`, buffer);
  }
});
