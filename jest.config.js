// Whatever this machine's user has set up: tests train on wasm unless they ask for another engine.
process.env.TSMPI_CACHE_DIR ||= `${__dirname}/node_modules/.cache/tsmpi/none`;

/** The quick tier: everything but `*.long.test.ts`, which `npm run test:long` runs. */
module.exports = {
  testEnvironment: "<rootDir>/test/support/environment.js",
  roots: ["<rootDir>/packages", "<rootDir>/test", "<rootDir>/bench"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/dist/", "\\.long\\.test\\.ts$"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
      },
    ],
    // jest's realm has no native `import()`; the lazy tables of these packages load through `require` here.
    "/packages/(transport|worker|data)/dist/.+\\.js$|/node_modules/hy.+\\.js$":
      [
        "@swc/jest",
        { jsc: { target: "es2022" }, module: { type: "commonjs" } },
      ],
  },
  // These are ES modules only, which jest cannot load as they are.
  transformIgnorePatterns: [
    "/node_modules/(?!(hyparquet|hyparquet-compressors|hyparquet-writer|hysnappy)/)",
  ],
  // Dynamic imports carry the extension that Node wants.
  moduleNameMapper: {
    "^(\\.{1,2}/.*)\\.js$": "$1",
    "^zeromq$": "<rootDir>/test/support/zeromq.js",
  },
  // Jobs mostly wait for their ranks: two tests at once take 3 min instead of 5 on 2 cores.
  maxWorkers: 2,
  testTimeout: 65_000,
};
