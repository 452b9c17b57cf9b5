// Assembles the SIMD kernels behind the compiler:  node packages/collective/assemble-kernels.cjs
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const wabt = require("wabt");
const { kernelsSource } = require("./dist/kernels/kernels-source.js");

const features = { simd: true, threads: true, bulk_memory: true };

void wabt().then((assembler) => {
  const module = assembler.parseWat("kernels.wat", kernelsSource(), features);
  module.validate(features);
  const { buffer } = module.toBinary({});
  writeFileSync(join(__dirname, "dist/kernels/kernels.wasm"), buffer);
});
