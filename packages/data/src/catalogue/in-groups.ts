/** Files that are opened at a time. */
const AT_ONCE = 32;

/** Does the work for each of the list, for some of them at once. */
export async function inGroups<T, Result>(
  list: readonly T[],
  work: (item: T, i: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < list.length; start += AT_ONCE) {
    const group = list.slice(start, start + AT_ONCE);
    results.push(
      ...(await Promise.all(group.map((item, i) => work(item, start + i)))),
    );
  }
  return results;
}
