import type { Failure } from "./job-state";
import { count } from "./plan";
import { exitCodeOfSignal } from "./exit-codes";

/** The first failure, for people: who, where, how, and the rank's own account of it. */
export function describeFailure(
  { rank, pid, stack, ...end }: Failure,
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
  const fate =
    others === 0
      ? ""
      : goesOn
        ? `; the other ${theOthers} ${others === 1 ? "goes" : "go"} on`
        : `; ending the other ${theOthers}`;
  const how =
    pid === null && !end.isLost
      ? "could not be started"
      : describeEnd(end) + (end.signal ? hint(end.signal) : "");
  return `${who} ${how}${fate}${stack === null ? "" : "\n" + indent(stack)}`;
}

/** Behind the rank's name. */
export const describeEnd = ({
  code,
  signal,
  isLost,
}: Pick<Failure, "code" | "signal" | "isLost">): string =>
  isLost
    ? "was lost with its host"
    : signal === null
      ? `failed with exit code ${code}`
      : `was ended by ${signal} (exit code ${exitCodeOfSignal(signal)})`;

const hint = (signal: NodeJS.Signals): string =>
  signal === "SIGKILL" ? ", by hand or for want of memory" : "";

const indent = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
