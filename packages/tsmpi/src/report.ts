import type { Failure } from "./job-state";
import { count } from "./plan";
import { exitCodeOfSignal } from "./exit-codes";

/** The first failure, for people: who, where, how, and the rank's own account of it. */
export function describeFailure(
  { rank, pid, code, signal, stack }: Failure,
  { host, others }: { readonly host: string; readonly others: number },
): string {
  const who = `rank ${rank} (host ${host}${pid === null ? "" : `, pid ${pid}`})`;
  const end =
    others > 0
      ? `; ending the other ${others === 1 ? "rank" : count(others, "rank")}`
      : "";
  const how =
    pid === null
      ? "could not be started"
      : signal === null
        ? `failed with exit code ${code}`
        : `was ended by ${signal} (exit code ${exitCodeOfSignal(signal)})${hint(signal)}`;
  return `${who} ${how}${end}${stack === null ? "" : "\n" + indent(stack)}`;
}

const hint = (signal: NodeJS.Signals): string =>
  signal === "SIGKILL" ? ", by hand or for want of memory" : "";

const indent = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
