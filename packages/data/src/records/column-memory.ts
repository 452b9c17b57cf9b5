import { uncleared } from "../files/read-memory";
import { buffersIn } from "./buffers-in";

/** Where columns get their memory. It is not cleared: each row that a column gives away has been put. */
export interface ColumnMemory {
  take(bytes: number): ArrayBuffer;
}

/** The columns' for good. */
export const NEW_MEMORY: ColumnMemory = {
  take: (bytes) => uncleared(bytes).buffer,
};

/** Less costs more to take back than the garbage collector takes for it. */
const LEAST_BYTES = 1 << 16;

/** Memory that comes back, with batches that their program is done with. */
export class LentMemory implements ColumnMemory {
  /** By their lengths. */
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #lent = new WeakSet<ArrayBuffer>();

  take(bytes: number): ArrayBuffer {
    const buffer = this.#free.get(bytes)?.pop() ?? NEW_MEMORY.take(bytes);
    if (bytes >= LEAST_BYTES) this.#lent.add(buffer);
    return buffer;
  }

  /** What of an item was lent. Its arrays are empty from now on: who has kept one sees that, and not what is put there next. */
  takeBack(item: unknown): void {
    // One that the program has transferred itself is empty.
    const lent = buffersIn([item]).filter(
      (buffer) => this.#lent.has(buffer) && buffer.byteLength > 0,
    );
    if (lent.length === 0) return;
    for (const buffer of structuredClone(lent, { transfer: lent })) {
      const alike = this.#free.get(buffer.byteLength);
      if (alike === undefined) this.#free.set(buffer.byteLength, [buffer]);
      else alike.push(buffer);
    }
  }
}
