import type { Account } from "../accounting/epoch-account";
import { type Catalogue, formatIn } from "../catalogue/catalogue";
import { type Part, readPart } from "../epoch/read-part";
import type { FileRecords, RecordSet } from "../feed";
import { ReadMemory } from "../files/read-memory";

/**
 * All records of a feed: those that it brings, and those of the parts of files that it names. They are counted, and whoever asks for
 * the next ones is done with them.
 */
export async function* readParts(
  parts: AsyncIterable<FileRecords | Part>,
  {
    catalogue,
    seen,
    account,
    waits = false,
  }: {
    readonly catalogue: Catalogue;
    readonly seen: RecordSet;
    readonly account: Account;
    /** The thread has nothing else to do than to read. */
    readonly waits?: boolean;
  },
): AsyncGenerator<FileRecords> {
  const from = formatIn(catalogue).pieceMemory?.() ?? null;
  const memory = new ReadMemory({ waits, from });
  try {
    for await (const part of parts)
      for await (const records of "split" in part
        ? readPart(catalogue, part, seen, memory)
        : [part]) {
        account.add(records);
        yield records;
      }
  } finally {
    memory.close();
  }
}
