/** What a stage takes and gives at a time: some items, and of which records each is made. */
export interface Block<T> {
  readonly items: readonly T[];
  /** As many as there are items. */
  readonly ids: readonly Ids[];
}

/** One record or, behind `batch`, several: by `recordId`. */
export type Ids = number | readonly number[];

/** So many records at most become a block: those of one have gone before much else has been made of memory. */
export const BLOCK_RECORDS = 256;

/** Records that an item is made of. */
export const listOfIds = (ids: Ids): readonly number[] =>
  typeof ids === "number" ? [ids] : ids;
