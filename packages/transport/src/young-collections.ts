import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Between two collections. Half of it is still in a processor's cache when it is used again. */
const BYTES_BETWEEN = 16 << 20;

type Collect = (options: { readonly type: "minor" }) => void;

/**
 * Received messages lie outside of V8's heap, which hardly grows with them. So V8 does not look after those that are dead, until
 * all that lives outside becomes so much that it collects everything, old generation and all. To collect the young generation
 * takes a fraction of that, and new messages find memory that has been used before.
 */
export class YoungCollections {
  #collect: Collect | null = null;
  #receivedBytes = 0;

  received(bytes: number): void {
    this.#receivedBytes += bytes;
    if (this.#receivedBytes < BYTES_BETWEEN) return;
    this.#receivedBytes = 0;
    (this.#collect ??= collector())({ type: "minor" });
  }
}

/** V8 gives its collector to contexts that are made while this flag is set. */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collect;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
