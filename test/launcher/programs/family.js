// `family.js [MANNER]`: starts a child that outlives it, prints both pids, and stays; `polite` ends on SIGINT, `stubborn` ends on no signal.
const { spawn } = require("node:child_process");
const [manner] = process.argv.slice(2);
process.on("SIGINT", () => {
  if (manner === "polite") {
    console.log(`saved ${process.env.RANK}`);
    process.exit(0);
  }
});
if (manner === "stubborn") process.on("SIGTERM", () => {});
const child = spawn("sleep", ["600"], { stdio: "inherit" });
console.log(`pid ${process.pid}\npid ${child.pid}`);
if (manner === "leave") process.exit(0);
setInterval(() => {}, 1_000);
