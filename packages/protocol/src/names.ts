import { UnknownNameError } from "./errors";

/** The registered name, or an error that lists the names there are and suggests the nearest. */
export function registeredName<Name extends string>(
  what: string,
  name: string,
  names: readonly Name[],
): Name {
  const found = names.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  const near = nearest(name, names);
  throw new UnknownNameError(
    `unknown ${what} "${name}"${near ? `; did you mean "${near}"?` : ";"} there are: ${names.join(", ")}`,
  );
}

/** The candidate closest to `word` by edit distance, if it is close enough to be a slip of the finger. */
export function nearest<Name extends string>(
  word: string,
  candidates: readonly Name[],
): Name | null {
  const limit = Math.max(2, Math.floor(word.length / 3));
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(word, candidate),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate ?? null;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(
        substitution,
        previous[j]! + 1,
        current[j - 1]! + 1,
      );
    }
    previous = current;
  }
  return previous[b.length]!;
}
