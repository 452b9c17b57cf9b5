import type { FileRecords } from "@tsmpi/data";
import { Tail } from "./tail";

/** Records of one byte each, with these values. */
const run = (...values: readonly number[]): FileRecords => ({
  file: 0,
  records: {
    bytes: Uint8Array.from(values),
    starts: Uint32Array.from(values.keys()),
    ends: Uint32Array.from(values, (_, i) => i + 1),
    ...{ first: 0, offset: 0 },
  },
});

const bytesOf = (all: readonly FileRecords[]): number[] =>
  all.flatMap(({ records }) => [...records.bytes]);

describe("the last records of a stream", () => {
  it("keep their bytes when others take the place of those they were read from", () => {
    const tail = new Tail(2);
    const read = run(1, 2, 3);
    expect(bytesOf(tail.add(read))).toEqual([1]);
    read.records.bytes.fill(9);
    expect(bytesOf(tail.records)).toEqual([2, 3]);
  });

  it("leave in order when others come", () => {
    const tail = new Tail(2);
    expect(bytesOf(tail.add(run(1)))).toEqual([]);
    expect(bytesOf(tail.add(run(2, 3)))).toEqual([1]);
    expect(bytesOf(tail.add(run(4, 5, 6)))).toEqual([2, 3, 4]);
    expect(bytesOf(tail.records)).toEqual([5, 6]);
  });
});
