import { writeSync } from "node:fs";
import { createLog, readLogLevel } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";

/** For people, on this rank's stderr. */
export const warn = (text: string): void =>
  createLog({
    where: `rank ${MPI.COMM_WORLD.rank}`,
    level: readLogLevel(process.env),
    write: (line) => void writeSync(2, line),
  }).warn(text);
