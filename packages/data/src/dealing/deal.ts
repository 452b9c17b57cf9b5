import type { FileRecords } from "../feed";
import type { Key, Router } from "../partition/routers";

/** Records for one rank. */
export interface Dealt extends FileRecords {
  /** Index among the ranks that share. */
  readonly to: number;
}

/** Deals the records of one epoch out as they come, run by run: how many there will be need not be known. */
export interface Dealer {
  deal(run: FileRecords): Iterable<Dealt>;
}

/**
 * The rank of a record by its key, which `router` is given. What that throws gets the record's place. A record that cannot be decoded
 * goes to the first rank, which tells what is wrong with it.
 */
export type RouteByKey = (
  run: FileRecords,
  index: number,
  router: Router<Key>,
) => number;

/** Which rank gets which record, as users say it. Plain data, which travels to the thread that reads. */
export interface DealOrder {
  /** A deal's name. */
  readonly by: string;
  /** By value: the field that has it. */
  readonly key?: string;
}

/**
 * A way to deal the records of an epoch out to ranks.
 *
 * @typeParam Order the name and what else it is to know
 */
export interface Deal<Order extends DealOrder> {
  readonly name: Order["by"];
  /** One line for errors. */
  readonly summary: string;
  /** What it is to know. */
  readonly takes: readonly Exclude<keyof Order, "by">[];
  /** Whether a field's value decides: then whoever deals decodes each record, and the order has a `key`. */
  readonly isByValue: boolean;
  /**
   * Where ranks take turns: so many records at a time, in rank order, as far as their numbers go. No rank has ever more than so many
   * more than another. null: they do not, so that no remainder could be dropped, or padded, to make them equal.
   */
  unevenBy(order: Order): number | null;
  /**
   * @param route for a deal by value
   * @throws {ArgumentError} the order makes no sense for so many ranks
   */
  dealer(order: Order, size: number, route: RouteByKey): Dealer;
}

/** Has the compiler look at an order and its deal together. */
export const defineDeal = <const Order extends DealOrder>(
  deal: Deal<Order>,
): Deal<Order> => deal;
