/** `describe` and `it` where all is there that they need; else both skip, and the reason is printed once. */
export function unless(
  why: string | null,
  what: string,
): { readonly suite: jest.Describe; readonly case: jest.It } {
  if (why === null) return { suite: describe, case: it };
  // Not by the console: jest shows none of a suite that is skipped whole.
  process.stderr.write(`${what} skipped: ${why}\n`);
  return { suite: describe.skip, case: it.skip };
}
