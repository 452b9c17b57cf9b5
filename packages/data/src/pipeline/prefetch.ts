import type { Block } from "./block";

/** Keeps `count` items ready, so that what they are made of is read while the program waits for something else. */
export async function* prefetch<T>(
  blocks: AsyncIterable<Block<T>>,
  count: number,
): AsyncGenerator<Block<T>> {
  const source = blocks[Symbol.asyncIterator]();
  const ready: Block<T>[] = [];
  const state: {
    items: number;
    isEnded: boolean;
    asked: Promise<IteratorResult<Block<T>>> | null;
  } = { items: 0, isEnded: false, asked: null };
  const ask = (): void => {
    if (state.asked !== null || state.isEnded || state.items >= count) return;
    state.asked = source.next();
    state.asked.then(
      ({ done, value }) => {
        state.asked = null;
        if (done) state.isEnded = true;
        else {
          ready.push(value);
          state.items += value.items.length;
          ask();
        }
      },
      // `asked` stays, and is raised when what came before has been taken.
      () => (state.isEnded = true),
    );
  };
  try {
    for (;;) {
      ask();
      while (ready.length === 0) {
        if (state.asked === null) return;
        await state.asked;
      }
      const block = ready.shift()!;
      state.items -= block.items.length;
      ask();
      yield block;
    }
  } finally {
    state.isEnded = true;
    await source.return?.();
  }
}
