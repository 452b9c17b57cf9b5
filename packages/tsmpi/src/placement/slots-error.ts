import { UsageError } from "../usage-error";
import type { Slots } from "./placement";

/** More ranks than slots, and nobody has allowed it. */
export const tooFewSlots = (
  ranks: number,
  hosts: readonly Slots[],
): UsageError => {
  const slots = sum(hosts.map(({ slots: each }) => each));
  return new UsageError(
    `${some(ranks, "rank")} on ${some(slots, "slot")} (${listed(hosts.map(({ name, slots: each }) => `${name}: ${each}`))}): ask for ${slots === 1 ? "one" : `${slots} at most`}, give hosts more slots (${hosts[0]!.name}:${ranks - slots + hosts[0]!.slots} in --host, slots= in a hostfile), or allow several ranks on a slot with --oversubscribe`,
  );
};

/** Not even `--oversubscribe` goes over `max_slots`. */
export const allTaken = (
  ranks: number,
  hosts: readonly Slots[],
): UsageError => {
  const most = sum(hosts.map(({ maxSlots }) => maxSlots ?? Infinity));
  return new UsageError(
    `${some(ranks, "rank")}, and max_slots of the hostfile allows ${most} (${listed(hosts.map(({ name, maxSlots }) => `${name}: ${maxSlots}`))}), also with --oversubscribe: ask for ${most} at most, or raise max_slots`,
  );
};

export const tooManyForPpr = ({
  ranks,
  perHost,
  hosts,
}: {
  readonly ranks: number;
  readonly perHost: number;
  readonly hosts: number;
}): UsageError =>
  new UsageError(
    `-n ${ranks}: --map-by ppr:${perHost}:node starts ${perHost} on each of ${some(hosts, "host")}, ${perHost * hosts} at most; leave -n out, or write ppr:${Math.ceil(ranks / hosts)}:node`,
  );

export const pprTooLarge = ({
  name,
  ranks,
  perHost,
  limit,
  oversubscribe,
}: {
  readonly name: string;
  /** That would run there. */
  readonly ranks: number;
  readonly perHost: number;
  /** Slots, or with `--oversubscribe` the most. */
  readonly limit: number;
  readonly oversubscribe: boolean;
}): UsageError =>
  new UsageError(
    `--map-by ppr:${perHost}:node puts ${some(ranks, "rank")} on ${name}, which ${oversubscribe ? `allows ${limit} (max_slots)` : `has ${some(limit, "slot")}`}: ${oversubscribe ? "raise max_slots" : "give it more slots, or add --oversubscribe"}${perHost > 1 ? ", or ask for fewer a host" : ""}`,
  );

const MOST_NAMES = 8;

export const listed = (hosts: readonly string[]): string =>
  hosts.slice(0, MOST_NAMES).join(", ") +
  (hosts.length > MOST_NAMES ? ` and ${hosts.length - MOST_NAMES} more` : "");

const some = (n: number, noun: string): string =>
  `${n} ${noun}${n === 1 ? "" : "s"}`;

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
