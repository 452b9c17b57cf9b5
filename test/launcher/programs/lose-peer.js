// Rank 1 exits with 7 after a while; the others report at once that they lost it, as a collective would.
const { ProcessFailedError } = require("@tsmpi/protocol");
if (process.env.RANK === "1") setTimeout(() => process.exit(7), 200);
else
  setTimeout(() => {
    throw new ProcessFailedError("no heartbeat from rank 1", [1]);
  }, 50);
