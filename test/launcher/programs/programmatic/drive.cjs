// The same from CommonJS.
const { join } = require("node:path");
const { launch, runRanks } = require("tsmpi");

async function main() {
  const { exitCode } = await launch({
    np: 1,
    script: join(__dirname, "prints.js"),
    args: ["4"],
  });
  const values = await runRanks(2, join(__dirname, "functions.ts"), "sum", [
    [2],
    new Float32Array(0),
  ]);
  console.log(
    JSON.stringify({ exitCode, totals: values.map(({ total }) => total) }),
  );
}
main();
