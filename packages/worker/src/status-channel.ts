import { writeSync } from "node:fs";
import {
  encodeStatus,
  readEnvironment,
  type StatusMessage,
} from "@tsmpi/protocol";

/** Tells the launcher a fact about this rank; says nothing where there is none. */
export function tellLauncher(message: StatusMessage): void {
  const { statusFd } = readEnvironment(process.env);
  if (statusFd === null) return;
  try {
    writeSync(statusFd, encodeStatus(message));
  } catch {
    // The launcher is gone; so are we, in a moment.
  }
}
