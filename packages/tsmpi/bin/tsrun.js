#!/usr/bin/env node
"use strict";
// Runs the build, and makes it first where there is none: a fresh checkout after `npm ci`.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const entry = join(__dirname, "../dist/bin.js");
if (!existsSync(entry)) {
  const { spawnSync } = require("node:child_process");
  const root = join(__dirname, "../../..");
  process.stderr.write("tsrun: building tsmpi (first run in this checkout)\n");
  const compiler = require.resolve("typescript/bin/tsc", { paths: [root] });
  const steps = [[compiler, "-b"], [join(root, "assemble-kernels.cjs")]];
  const isBuilt = steps.every((args) => {
    const options = { cwd: root, stdio: ["ignore", 2, 2] };
    return spawnSync(process.execPath, args, options).status === 0;
  });
  if (!isBuilt) {
    process.stderr.write("tsrun: the build failed; see the messages above\n");
    process.exit(1);
  }
}
require(entry);
