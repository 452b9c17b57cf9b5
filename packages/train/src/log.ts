import { writeSync } from "node:fs";
import {
  createLog,
  type Log,
  readEnvironment,
  readLogLevel,
} from "@tsmpi/protocol";

/** For people, on this rank's stderr. Needs no communicator. */
const log = (): Log =>
  createLog({
    where: `rank ${readEnvironment(process.env).rank}`,
    level: readLogLevel(process.env),
    write: (line) => void writeSync(2, line),
  });

export const info = (text: string): void => log().info(text);
export const warn = (text: string): void => log().warn(text);
export const notice = (text: string): void => log().notice(text);
