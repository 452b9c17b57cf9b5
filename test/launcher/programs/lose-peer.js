// Rank 1 exits with 7 after a while; rank 2 reports before that that it lost rank 1, as a collective would.
const { ProcessFailedError } = require("@tsmpi/protocol");
setTimeout(() => {
  if (process.env.RANK === "1") process.exit(7);
}, 120);
if (process.env.RANK === "2")
  setTimeout(() => {
    throw new ProcessFailedError("no heartbeat from rank 1", [1]);
  }, 0);
