// Forks itself: the child inherits this rank's flags and environment, but not its place in the job.
const { fork } = require("node:child_process");
const { Worker, isMainThread, workerData } = require("node:worker_threads");
if (process.argv[2] === "child")
  process.send({ fd: process.env.TSMPI_STATUS_FD ?? "none" });
else if (isMainThread) {
  const child = fork(__filename, ["child"]);
  child.on("message", ({ fd }) => console.log(`child: ${fd}`));
  new Worker(__filename, { workerData: 1 });
} else console.log(`thread: ${workerData}`);
