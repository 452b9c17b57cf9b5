// CommonJS in JavaScript; the module is a function itself.
const { RankPool } = require("../../../../../packages/tsmpi/dist/index.js");
const whole = require("./whole.js");

exports.double = (n) => 2 * n;

async function main() {
  const pool = new RankPool();
  const values = [pool.submit(exports.double, 10), pool.submit(whole, 10)];
  console.log((await Promise.all(values)).join());
}
if (require.main === module) void main();
