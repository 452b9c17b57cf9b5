// Assembles the SIMD kernels behind the compiler:  node packages/collective/assemble-kernels.cjs
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const wabt = require("wabt");
const { codecsSource } = require("./dist/compression/codecs-source.js");
const { kernelsSource } = require("./dist/kernels/kernels-source.js");

const features = { simd: true, threads: true, bulk_memory: true };

const SOURCES = {
  "kernels/kernels": kernelsSource,
  "compression/codecs": codecsSource,
};

void wabt().then((assembler) => {
  for (const [name, source] of Object.entries(SOURCES)) {
    const module = assembler.parseWat(`${name}.wat`, source(), features);
    module.validate(features);
    const { buffer } = module.toBinary({});
    writeFileSync(join(__dirname, `dist/${name}.wasm`), buffer);
  }
});
