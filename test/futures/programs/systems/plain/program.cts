import tsmpi = require("../../../../../packages/tsmpi/dist/index.js");

export const double = (n: number): number => 2 * n;
const hidden = (n: number): number => n;

async function main() {
  const pool = new tsmpi.RankPool();
  console.log(await pool.submit(double, 10));
  try {
    await pool.submit(hidden, 1);
  } catch (error) {
    console.log(String(error));
  }
}
if (require.main === module) void main();
