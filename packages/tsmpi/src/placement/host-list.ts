import { UsageError } from "../usage-error";
import { type HostName, readHostName } from "./host-name";
import { MOST_SLOTS } from "./host-options";

/** A host as `--host` has it. */
export interface HostSlots extends HostName {
  /** Behind its colon; null: none given, which counts as one. */
  readonly slots: number | null;
}

/**
 * Reads the list of `--host`: `a:2,me@b,[fd00::1]:4`, in its order. A host may be there several times.
 *
 * @throws {UsageError}
 */
export function parseHostList(list: string): HostSlots[] {
  return list.split(",").map((item) => readItem(item.trim(), list));
}

function readItem(item: string, list: string): HostSlots {
  if (item === "")
    throw new UsageError(
      `--host "${list}" has an empty name between its commas; write ${EXAMPLE}`,
    );
  const { host, slots } = splitSlots(item);
  const name = readHostName(host);
  if (typeof name === "string")
    throw new UsageError(`--host ${item}: ${name}; write ${EXAMPLE}`);
  if (slots === null) return { ...name, slots };
  const number = Number(slots);
  if (/^\d+$/.test(slots) && number >= 1 && number <= MOST_SLOTS)
    return { ...name, slots: number };
  throw new UsageError(
    `--host ${item}: "${slots}" is no number of slots; give a whole number of at least 1, as in ${EXAMPLE}`,
  );
}

const EXAMPLE = "--host a:2,b:2";

/** What has two colons and no brackets is an IPv6 address, and has no slots. */
function splitSlots(item: string): { host: string; slots: string | null } {
  const bracketed = /^(.*\])(?::(.*))?$/.exec(item);
  if (bracketed) return { host: bracketed[1]!, slots: bracketed[2] ?? null };
  const [host, slots, ...more] = item.split(":");
  return more.length > 0
    ? { host: item, slots: null }
    : { host: host!, slots: slots ?? null };
}
