import { inspect } from "node:util";
import type { Forced } from "@tsmpi/collective";
import { ArgumentError, GroupError } from "@tsmpi/protocol";
import {
  COMM_TYPE_HW_GUIDED,
  COMM_TYPE_HW_UNGUIDED,
  COMM_TYPE_RESOURCE_GUIDED,
  COMM_TYPE_SHARED,
  UNDEFINED,
} from "../constants";
import type { Group } from "../group";
import type { Info } from "../info";
import { assertSameHints } from "./hints";
import { type CommunicatorState, newState } from "./state";

/** Which new communicator a rank goes to, and its place there; ranks of one colour stay together. */
export interface Part {
  /** UNDEFINED: to none. */
  readonly color: number;
  readonly key: number;
  /** Arguments that must be the same on every rank. */
  readonly common?: unknown;
}

const NO_PART: Part = { color: UNDEFINED, key: 0 };

/** What a rank says of itself when communicators are made. */
export interface Entry extends Part {
  /** Algorithms that the calls of the new communicator are to use. */
  readonly forced: Forced;
  /** The number that a new communicator gets if this rank leads it. */
  readonly number: number;
}

/** This rank's new communicator, of what all ranks of the old one have said; null for none. */
export function stateOf(
  old: CommunicatorState,
  { color }: Part,
  entries: readonly Entry[],
): CommunicatorState | null {
  assertSameHints(entries.map(({ forced }) => forced));
  if (color === UNDEFINED) return null;
  const ranks = entries.flatMap((entry, rank) =>
    entry.color === color ? [rank] : [],
  );
  // Stable: ranks of one key stay in their order.
  ranks.sort((a, b) => entries[a]!.key - entries[b]!.key);
  const { number, forced } = entries[ranks[0]!]!;
  const group = ranks.map((rank) => old.group[rank]!);
  return newState({ ...old, forced }, { group, number });
}

/** @throws {ArgumentError} a negative colour, or a key that is no whole number */
export function partOfColor(color: number, key: number): Part {
  if (color === UNDEFINED || (Number.isInteger(color) && color >= 0))
    return { color, key: readKey(key) };
  throw new ArgumentError(
    `colour ${inspect(color)} is neither a whole number from 0 nor UNDEFINED`,
  );
}

/**
 * The ranks of a host stay together; none do where this type is nothing that a host can say.
 *
 * @throws {ArgumentError} there is no such type, or the key is no whole number
 */
export function partOfType(
  state: CommunicatorState,
  { type, key, info }: { type: number; key: number; info: Info | null },
): Part {
  const place = readKey(key);
  return isByHost(type, info)
    ? { color: firstOfHost(state), key: place }
    : NO_PART;
}

/**
 * The ranks of a group stay together, in its order.
 *
 * @throws {GroupError} one of them is not in the communicator
 */
export function partOfGroup(
  { runtime, group: own }: CommunicatorState,
  { worldRanks }: Group,
): Part {
  const stranger = worldRanks.find((rank) => !own.includes(rank));
  if (stranger !== undefined)
    throw new GroupError(
      `rank ${stranger} of COMM_WORLD is in the group and not in the communicator`,
    );
  const key = worldRanks.indexOf(runtime.environment.rank);
  return key < 0 ? NO_PART : { color: own.indexOf(worldRanks[0]!), key };
}

/** The lowest rank of this communicator on this rank's host. */
function firstOfHost({ runtime, group, rank }: CommunicatorState): number {
  const hostOf = (world: number): string | undefined =>
    runtime.addresses[world]?.machine;
  return group.findIndex((world) => hostOf(world) === hostOf(group[rank]!));
}

function readKey(key: number): number {
  if (Number.isInteger(key)) return key;
  throw new ArgumentError(`key ${inspect(key)} is no whole number`);
}

function isByHost(split_type: number, info: Info | null): boolean {
  switch (split_type) {
    case COMM_TYPE_SHARED:
      return true;
    case COMM_TYPE_HW_GUIDED:
    case COMM_TYPE_RESOURCE_GUIDED:
      return (
        info !== null &&
        !info.isNull &&
        info.Get("mpi_hw_resource_type") === "mpi_shared_memory"
      );
    case COMM_TYPE_HW_UNGUIDED:
    case UNDEFINED:
      return false;
    default:
      throw new ArgumentError(
        `split_type ${inspect(split_type)} is neither a COMM_TYPE nor UNDEFINED`,
      );
  }
}
