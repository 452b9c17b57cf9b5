/** As TensorFlow.js sees it; one of `openDataset` has records on their way, until it is closed. */
export interface Iterator {
  next(): Promise<IteratorResult<unknown>>;
  return?(): Promise<unknown>;
}

interface Iterable {
  /** What is no dataset of `openDataset` takes no notice of `isFollowed`. */
  iterator(manner: { readonly isFollowed?: () => boolean }): Promise<Iterator>;
}

/**
 * What `use` does with a dataset. The last iterator that it has begun is closed behind it: TensorFlow.js leaves iterators where they
 * are, and other ranks may wait for what this one does not take any more.
 *
 * @param present what `use` is given of an iterator
 * @param isFollowed is asked by each iterator when its first item is: whether another one comes next
 */
export async function withClosedIterators<T extends object, R>(
  dataset: T,
  use: (dataset: T) => Promise<R>,
  {
    present = (iterator) => iterator,
    isFollowed,
  }: {
    readonly present?: (iterator: Iterator) => Iterator;
    readonly isFollowed?: (() => boolean) | undefined;
  } = {},
): Promise<R> {
  let last: Iterator | null = null;
  const iterator = async (): Promise<Iterator> => {
    last = await (dataset as Iterable).iterator({ isFollowed });
    return present(last);
  };
  try {
    return await use(
      Object.create(dataset, { iterator: { value: iterator } }) as T,
    );
  } finally {
    await (last as Iterator | null)?.return?.();
  }
}
