import { fileOf, recordOf, type RecordSet } from "../feed";

/** Bits of a page: 8 KiB. */
const PAGE_RECORDS = 1 << 16;

interface Page {
  readonly bits: Uint32Array;
  /** Of the bits that are set. */
  count: number;
}

/** In place of a page of which all bits are set. */
const FULL = "full";

/**
 * A set of records that grows one by one, in any order. A record costs a bit, and 65,536 neighbours that are all there cost
 * nothing.
 */
export class SeenRecords {
  readonly #pages = new Map<number, (Page | typeof FULL | undefined)[]>();

  constructor(set: RecordSet = {}) {
    for (const [file, runs] of Object.entries(set))
      for (let i = 0; i < runs.length; i += 2)
        this.#addRun(Number(file), runs[i]!, runs[i + 1]!);
  }

  /** @param id by `recordId` */
  add(id: number): void {
    this.#addRecord(this.#pagesOf(fileOf(id)), recordOf(id));
  }

  toSet(): RecordSet {
    const set: Record<number, number[]> = {};
    for (const [file, pages] of this.#pages) {
      const runs: number[] = [];
      pages.forEach((page, number) => addRuns(runs, page, number));
      if (runs.length > 0) set[file] = runs;
    }
    return set;
  }

  #pagesOf(file: number): (Page | typeof FULL | undefined)[] {
    let pages = this.#pages.get(file);
    if (pages === undefined) this.#pages.set(file, (pages = []));
    return pages;
  }

  #addRun(file: number, from: number, to: number): void {
    const pages = this.#pagesOf(file);
    for (let record = from; record < to; record++) {
      const isWhole =
        record % PAGE_RECORDS === 0 && to - record >= PAGE_RECORDS;
      if (isWhole) {
        pages[record / PAGE_RECORDS] = FULL;
        record += PAGE_RECORDS - 1;
      } else this.#addRecord(pages, record);
    }
  }

  #addRecord(pages: (Page | typeof FULL | undefined)[], record: number): void {
    const number = Math.floor(record / PAGE_RECORDS);
    let page = pages[number];
    if (page === FULL) return;
    if (page === undefined)
      pages[number] = page = {
        bits: new Uint32Array(PAGE_RECORDS / 32),
        count: 0,
      };
    const [word, bit] = [(record % PAGE_RECORDS) >> 5, 1 << (record & 31)];
    if ((page.bits[word]! & bit) !== 0) return;
    page.bits[word]! |= bit;
    if (++page.count === PAGE_RECORDS) pages[number] = FULL;
  }
}

/** Appends the runs of a page; one that goes on from the page before is lengthened. */
function addRuns(
  runs: number[],
  page: Page | typeof FULL | undefined,
  number: number,
): void {
  if (page === undefined) return;
  const first = number * PAGE_RECORDS;
  const add = (from: number, to: number): void => {
    if (runs.at(-1) === from) runs[runs.length - 1] = to;
    else runs.push(from, to);
  };
  if (page === FULL) return add(first, first + PAGE_RECORDS);
  for (let record = 0; record < PAGE_RECORDS; record++) {
    const word = page.bits[record >> 5]!;
    if (word === 0) record |= 31;
    else if ((word & (1 << (record & 31))) !== 0)
      add(first + record, first + record + 1);
  }
}
