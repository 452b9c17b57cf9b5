import type { MapBy, RankBy } from "./host-options";
import {
  allTaken,
  pprTooLarge,
  tooFewSlots,
  tooManyForPpr,
} from "./slots-error";

export interface PlacementOptions {
  /** Ranks of each program; null: one for each slot, or as many as `ppr` says. */
  readonly programs: readonly (number | null)[];
  readonly mapBy: MapBy;
  /** null: as they are mapped. */
  readonly rankBy: RankBy | null;
  /** More ranks than slots are allowed. */
  readonly oversubscribe: boolean;
}

/** What is known of the slots of a host that has been reached. */
export interface Slots {
  readonly name: string;
  readonly slots: number;
  readonly maxSlots: number | null;
}

/** Where a rank runs. */
export interface Place {
  /** Index of its program. */
  readonly program: number;
  /** Index of its host. */
  readonly host: number;
  /** Its place among the ranks of that host, and how many those are. */
  readonly localRank: number;
  readonly localSize: number;
}

/**
 * Which rank runs on which host, in the order of ranks: mpirun's mapping, then its ranking, program by program.
 *
 *     hosts a:4,b:2        a          b
 *     --map-by slot        0 1 2 3    4 5
 *     --map-by node        0 2 4 5    1 3
 *     --map-by ppr:2:node  0 1        2 3
 *
 * Rank 0 always runs on the first host. Ranks beyond the slots go to all hosts in turn, as far as `maxSlots` allows.
 *
 * @throws {UsageError} too few slots
 */
export function placement(
  { programs, mapBy, rankBy, oversubscribe }: PlacementOptions,
  hosts: readonly Slots[],
): Place[] {
  const used = hosts.map(() => 0);
  const total = sum(programs.map((ranks) => ranks ?? 0));
  const places = programs.flatMap((ranks, program) => {
    const counts = mapped({ ranks, total, mapBy, oversubscribe, used, hosts });
    for (const [host, count] of counts.entries()) used[host]! += count;
    return ranked(
      counts,
      rankBy ?? (mapBy.by === "node" ? "node" : "slot"),
    ).map((host) => ({ program, host }));
  });
  const next = hosts.map(() => 0);
  return places.map(({ program, host }) => ({
    ...{ program, host },
    ...{ localRank: next[host]!++, localSize: used[host]! },
  }));
}

interface Mapping {
  readonly ranks: number | null;
  /** Of all programs. */
  readonly total: number;
  readonly mapBy: MapBy;
  readonly oversubscribe: boolean;
  /** Ranks of earlier programs, by host. */
  readonly used: readonly number[];
  readonly hosts: readonly Slots[];
}

/** Ranks of one program, by host. */
function mapped(mapping: Mapping): number[] {
  const { mapBy, hosts, used, oversubscribe } = mapping;
  if (mapBy.by === "ppr") return mappedByPpr(mapping, mapBy.perHost);
  const free = hosts.map(({ slots }, host) => Math.max(0, slots - used[host]!));
  const ranks = mapping.ranks ?? sum(free);
  const fits = ranks <= sum(free);
  if (!fits && !oversubscribe) throw tooFewSlots(mapping.total, hosts);
  const room = hosts.map(({ maxSlots }, host) =>
    Math.max(0, (maxSlots ?? Infinity) - used[host]!),
  );
  if (ranks > sum(room)) throw allTaken(mapping.total, hosts);
  if (mapBy.by === "node") return inTurn(ranks, fits ? free : room);
  const full = filled(ranks, free);
  const rest = inTurn(
    ranks - sum(full),
    room.map((most, host) => most - full[host]!),
  );
  return full.map((count, host) => count + rest[host]!);
}

/** Hosts that earlier programs have filled are left out, as long as there are others. */
function mappedByPpr(
  { ranks, oversubscribe, used, hosts }: Mapping,
  perHost: number,
): number[] {
  const isFull = hosts.map(({ slots }, host) => used[host]! >= slots);
  const room = isFull.map((full) =>
    full && isFull.includes(false) ? 0 : perHost,
  );
  const most = sum(room);
  if (ranks !== null && ranks > most)
    throw tooManyForPpr({ ranks, perHost, hosts: most / perHost });
  const counts = filled(ranks ?? most, room);
  for (const [host, count] of counts.entries()) {
    const { slots, maxSlots } = hosts[host]!;
    const limit = oversubscribe ? (maxSlots ?? Infinity) : slots;
    if (count + used[host]! > limit)
      throw pprTooLarge({
        ...{ perHost, oversubscribe, limit },
        ...{ name: hosts[host]!.name, ranks: count + used[host]! },
      });
  }
  return counts;
}

/** The first host full, then the next. */
function filled(ranks: number, room: readonly number[]): number[] {
  let left = ranks;
  return room.map((most) => {
    const count = Math.min(most, left);
    left -= count;
    return count;
  });
}

/** One for each host in turn, as long as it has room. */
function inTurn(ranks: number, room: readonly number[]): number[] {
  const counts = room.map(() => 0);
  for (let left = ranks; left > 0;)
    for (const [host, most] of room.entries())
      if (left > 0 && counts[host]! < most) {
        counts[host]!++;
        left--;
      }
  return counts;
}

/** The hosts of a program's ranks, in the order of ranks. */
function ranked(counts: readonly number[], rankBy: RankBy): number[] {
  if (rankBy === "slot")
    return counts.flatMap((count, host) => Array<number>(count).fill(host));
  const rounds = Array.from({ length: Math.max(...counts) }, (_, i) => i);
  return rounds.flatMap((round) =>
    counts.flatMap((count, host) => (round < count ? [host] : [])),
  );
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
