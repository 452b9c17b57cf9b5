/** Soak counts: minutes to an hour. Run once per change that could matter, its output kept. */
module.exports = {
  ...require("./jest.config.js"),
  testMatch: ["**/*.long.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/dist/"],
  testTimeout: 3_600_000,
};
