import { nearest } from "@tsmpi/protocol";
import { UsageError } from "../usage-error";
import { type HostName, quoted, readHostName } from "./host-name";
import { MOST_SLOTS } from "./host-options";

/** One line of a hostfile. */
export interface HostLine extends HostName {
  /** From 1. */
  readonly line: number;
  readonly slots: number | null;
  readonly maxSlots: number | null;
}

/**
 * Reads a hostfile as Open MPI has it: a host a line, `[user@]name [slots=N] [max_slots=N]`, comments behind `#`.
 *
 * @param file its name, for errors
 * @throws {UsageError} names file and line
 */
export function parseHostfile(text: string, file: string): HostLine[] {
  const hosts = text.split(/\r?\n/).flatMap((written, i) => {
    const words = written
      .replace(/#.*/s, "")
      .replaceAll(/\s*=\s*/g, "=")
      .split(/\s+/)
      .filter((word) => word !== "");
    return words.length === 0 ? [] : [readLine(words, { file, line: i + 1 })];
  });
  if (hosts.length === 0)
    throw new UsageError(`${file} lists no host; write one a line, ${EXAMPLE}`);
  return hosts;
}

const EXAMPLE = "as in: node1 slots=4";
const KEYWORDS = ["slots", "max_slots", "max-slots"];

interface Place {
  readonly file: string;
  readonly line: number;
}

function readLine(
  [written, ...settings]: readonly string[],
  place: Place,
): HostLine {
  const name = readName(written!, place);
  let slots: number | null = null;
  let maxSlots: number | null = null;
  for (const setting of settings) {
    const [keyword, value] = setting.split(/=(.*)/s);
    if (!KEYWORDS.includes(keyword!) || value === undefined)
      throw mistake(place, notUnderstood(setting, keyword!));
    const number = readSlots(keyword!, value, place);
    if (keyword === "slots") slots = number;
    else maxSlots = number;
  }
  if (slots !== null && maxSlots !== null && slots > maxSlots)
    throw mistake(
      place,
      `slots=${slots} is more than max_slots=${maxSlots}; lower the one or raise the other`,
    );
  // As in mpirun, a limit alone says how many there are, too.
  return { ...name, line: place.line, slots: slots ?? maxSlots, maxSlots };
}

function readName(written: string, place: Place): HostName {
  const withSlots = /^([^:]+|.*\]):(\d*)$/.exec(written);
  if (withSlots)
    throw mistake(
      place,
      `${written} is how --host writes slots; a hostfile has ${withSlots[1]} slots=${withSlots[2] || 1}`,
    );
  const name = readHostName(written);
  if (typeof name === "string") throw mistake(place, `${name}, ${EXAMPLE}`);
  return name;
}

function readSlots(keyword: string, value: string, place: Place): number {
  const slots = Number(value);
  if (/^\d+$/.test(value) && slots >= 1 && slots <= MOST_SLOTS) return slots;
  throw mistake(
    place,
    slots === 0 && value !== ""
      ? `${keyword}=0 leaves no room for a rank; give at least 1, or begin the line with # to leave the host out`
      : `${keyword}=${value.slice(0, 20)} is not a whole number from 1 to ${MOST_SLOTS}; ${EXAMPLE}`,
  );
}

function notUnderstood(setting: string, keyword: string): string {
  const near = nearest(keyword, KEYWORDS);
  const known = `${EXAMPLE} max_slots=8`;
  if (KEYWORDS.includes(keyword)) return `${keyword} needs a number, ${known}`;
  return near === null
    ? `${quoted(setting)} is not understood behind the name of a host; there are slots=N and max_slots=N, ${known}`
    : `there is no keyword ${keyword}; did you mean ${near}?`;
}

const mistake = ({ file, line }: Place, text: string): UsageError =>
  new UsageError(`${file}:${line}: ${text}`);
