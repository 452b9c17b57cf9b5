import { ArgumentError, UnknownNameError } from "@tsmpi/protocol";
import type { Catalogue } from "../catalogue/catalogue";
import type { Remainder } from "../partition/block-partition";
import type { Deal, Dealer, DealOrder } from "./deal";
import * as members from "./deals/index";
import { routeByKey } from "./route-by-key";

type OrderOf<Member> = Member extends Deal<infer Order> ? Order : never;

/** Which rank gets which record of an epoch: `{ by }` a deal, and what that is to know; `openDataset` lists them. Plain data. */
export type Partition = OrderOf<(typeof members)[keyof typeof members]>;

export type PartitionName = Partition["by"];

/** All deals, by name. */
export const DEALS: ReadonlyMap<string, Deal<Partition>> = new Map(
  Object.values(members).map((deal) => [
    deal.name,
    deal as unknown as Deal<Partition>,
  ]),
);

export const PARTITION_NAMES = [...DEALS.keys()] as PartitionName[];

/** @throws {UnknownNameError} there is no such deal; lists those there are */
function dealNamed(name: string): Deal<Partition> {
  const deal = DEALS.get(name);
  if (deal !== undefined) return deal;
  const all = [...DEALS.values()].map((one) => `${one.name} (${one.summary})`);
  throw new UnknownNameError(
    `records cannot be dealt out by ${JSON.stringify(name)}; a partition is by ${all.join(", ")}`,
  );
}

/**
 * @throws {ArgumentError} the partition makes no sense for so many ranks, or not with this remainder
 * @throws {UnknownNameError} there is no such partition
 */
export function checkPartition(
  partition: Partition,
  { size, remainder }: { readonly size: number; readonly remainder: Remainder },
): void {
  const deal = dealNamed(partition.by);
  const { by, key, ...others } = partition as DealOrder;
  const takes: readonly string[] = deal.takes;
  const given = Object.keys(others).concat(key === undefined ? [] : "key");
  const unknown = given.find((name) => !takes.includes(name));
  if (unknown !== undefined)
    throw new ArgumentError(
      `a partition by ${by} has no ${unknown}; it takes ${takes.join(", ") || "nothing else"}`,
    );
  if (deal.isByValue && typeof key !== "string")
    throw new ArgumentError(
      `a partition by ${deal.name} needs the name of a field as its key, and that is ${JSON.stringify(key)}`,
    );
  deal.dealer(partition, size, nowhere);
  if (remainder !== "uneven" && deal.unevenBy(partition) === null)
    throw new ArgumentError(
      `remainder "${remainder}" makes ranks equal, and a partition by ${deal.name} is unequal by nature: leave remainder "uneven", or deal records out by ${equalNames().join(", ")}`,
    );
}

const equalNames = (): string[] =>
  [...DEALS.values()]
    .filter((deal) => deal.unevenBy({ by: deal.name } as Partition) !== null)
    .map(({ name }) => name);

/** For one epoch. @throws {DataError} while dealing: a record does not have what it is dealt out by */
export async function openDealer(
  catalogue: Catalogue,
  partition: Partition,
  size: number,
): Promise<Dealer> {
  const deal = dealNamed(partition.by);
  const { key } = partition as DealOrder;
  const route = deal.isByValue ? await routeByKey(catalogue, key!) : nowhere;
  return deal.dealer(partition, size, route);
}

/** For deals that do not ask. */
const nowhere = () => 0;

/** How many records of an epoch a rank has; null: that is seen only when all have been dealt out. */
export function dealtTo(
  rank: number,
  {
    partition,
    records,
    size,
    remainder,
  }: {
    readonly partition: Partition;
    readonly records: number;
    readonly size: number;
    readonly remainder: Remainder;
  },
): number | null {
  const each = dealNamed(partition.by).unevenBy(partition);
  if (each === null) return null;
  const rounds = Math.floor(records / (each * size));
  const ofLastRound = (one: number): number =>
    Math.min(each, Math.max(0, records - each * (rounds * size + one)));
  // The first rank has most of the last round, and the last one least.
  const place = { uneven: rank, drop: size - 1, pad: 0 }[remainder];
  return each * rounds + ofLastRound(place);
}

/** How many records more than another a rank may have been dealt. */
export const unevenBy = (partition: Partition): number =>
  dealNamed(partition.by).unevenBy(partition) ?? Infinity;
