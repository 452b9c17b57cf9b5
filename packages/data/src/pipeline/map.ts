import { DataError } from "@tsmpi/protocol";
import { isPromise } from "../is-promise";
import type { Block } from "./block";
import type { Pass } from "./pass";

/** Each item becomes what `fn` makes of it, or what its promise resolves to. Order is kept. */
export async function* map<T, U>(
  blocks: AsyncIterable<Block<T>>,
  fn: (item: T) => U | PromiseLike<U>,
  pass: Pass,
): AsyncGenerator<Block<U>> {
  for await (const { items, ids } of blocks) {
    const made = new Array<U | PromiseLike<U>>(items.length);
    let i = 0;
    let isPromised = false;
    try {
      for (; i < items.length; i++) {
        const item = (made[i] = fn(items[i]!));
        if (!isPromise(item)) continue;
        isPromised = true;
        // It may fail before those that are waited for earlier, and the first to be told is the first in order.
        item.then(undefined, () => {});
      }
      if (isPromised)
        // One after the other, since what has failed is told by its number.
        for (i = 0; i < items.length; i++) made[i] = await made[i]!;
    } catch (error) {
      throw failed("map", error, pass.placeOf(ids[i]!));
    }
    yield { items: made as U[], ids };
  }
}

/** The error of a function of the program, with the record that it was about. */
export const failed = (
  stage: string,
  cause: unknown,
  place: string,
): DataError =>
  new DataError(
    `${stage} failed for ${place}: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
