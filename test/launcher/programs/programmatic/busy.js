// Runs until it is ended, and so does its child.
const { spawn } = require("node:child_process");
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
  stdio: "ignore",
});
console.log(`pids ${process.pid} ${child.pid}`);
setInterval(() => {}, 1000);
