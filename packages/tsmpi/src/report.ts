import type { Failure } from "./job-state";
import { count } from "./plan";
import { exitCodeOfSignal } from "./exit-codes";

/** The first failure, for people: who, where, how, and the rank's own account of it. */
export function describeFailure(
  { rank, pid, code, signal, stack }: Failure,
  {
    host,
    others,
    goesOn,
  }: {
    readonly host: string;
    readonly others: number;
    /** The others do, that is. */
    readonly goesOn: boolean;
  },
): string {
  const who = `rank ${rank} (host ${host}${pid === null ? "" : `, pid ${pid}`})`;
  const theOthers = others === 1 ? "rank" : count(others, "rank");
  const end =
    others === 0
      ? ""
      : goesOn
        ? `; the other ${theOthers} ${others === 1 ? "goes" : "go"} on`
        : `; ending the other ${theOthers}`;
  const how =
    pid === null
      ? "could not be started"
      : describeEnd({ code, signal }) + (signal ? hint(signal) : "");
  return `${who} ${how}${end}${stack === null ? "" : "\n" + indent(stack)}`;
}

/** Behind the rank's name. */
export const describeEnd = ({
  code,
  signal,
}: Pick<Failure, "code" | "signal">): string =>
  signal === null
    ? `failed with exit code ${code}`
    : `was ended by ${signal} (exit code ${exitCodeOfSignal(signal)})`;

const hint = (signal: NodeJS.Signals): string =>
  signal === "SIGKILL" ? ", by hand or for want of memory" : "";

const indent = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
