import { type FileRecords, sliceRecords } from "@tsmpi/data";

/** The last records of a stream, one by one, with bytes of their own. */
export class Tail {
  readonly #most: number;
  #records: readonly FileRecords[] = [];

  /** @param most so many are kept */
  constructor(most: number) {
    this.#most = most;
  }

  get records(): readonly FileRecords[] {
    return this.#records;
  }

  /** @returns what is not among the last any more, in order */
  add({ file, records }: FileRecords): FileRecords[] {
    const count = records.starts.length;
    const first = Math.max(0, count - this.#most);
    const all = [...this.#records];
    for (let i = first; i < count; i++)
      all.push({ file, records: copied(sliceRecords(records, i, i + 1)) });
    const left = Math.max(0, all.length - this.#most);
    this.#records = all.slice(left);
    const front = { file, records: sliceRecords(records, 0, first) };
    return [...all.slice(0, left), ...(first > 0 ? [front] : [])];
  }
}

const copied = (records: FileRecords["records"]): FileRecords["records"] => ({
  ...records,
  bytes: new Uint8Array(records.bytes),
});
