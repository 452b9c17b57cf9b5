import { PIECE_BYTES } from "../files/piece-bytes";
import { crc32c, crc32cWithin } from "./crc32c";
import { areFiniteThere, SummedPieces } from "./summed-pieces";

describe("Pieces in the kernel's memory", () => {
  let pieces: SummedPieces;
  beforeEach(() => (pieces = new SummedPieces()));
  afterEach(() => pieces.close());

  test("are two of one reading, until it is closed", () => {
    const other = new SummedPieces();
    const [one, two] = [pieces.take(10)!, pieces.take(PIECE_BYTES)!];
    expect([one.length, two.length]).toEqual([PIECE_BYTES, PIECE_BYTES]);
    expect(one.fill(1).every((byte) => byte === 1)).toBe(true);
    two.fill(2);
    expect(one.every((byte) => byte === 1)).toBe(true);
    expect(pieces.take(10)).toBeNull();
    expect(other.take(10)).toBeNull();
    // It has nothing to give back.
    other.close();
    expect(new SummedPieces().take(10)).toBeNull();
    pieces.close();
    expect(other.take(PIECE_BYTES + 1)).toBeNull();
    expect(other.take(10)).not.toBeNull();
    other.close();
  });

  test("have the checksums that they have elsewhere", () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) >> 3);
    const [one, two] = [pieces.take(5000)!, pieces.take(5000)!];
    one.set(bytes);
    two.set(bytes.toReversed());
    for (const [start, end] of [
      [0, 5000],
      [1, 1],
      [17, 4001],
    ] as const) {
      const expected = crc32c(bytes.subarray(start, end));
      expect(crc32cWithin(one, start, end)).toBe(expected);
      // What is copied into the kernel's memory lies elsewhere.
      expect(crc32cWithin(bytes, start, end)).toBe(expected);
      expect(crc32cWithin(two.subarray(0, 5000), 5000 - end, 5000)).toBe(
        crc32c(bytes.subarray(0, end).toReversed()),
      );
    }
    expect(one.subarray(0, 5000)).toEqual(bytes);
  });

  test("are looked at for NaN and infinities, wherever they begin", () => {
    const piece = pieces.take(1000)!;
    const wrongs = [NaN, Infinity, -Infinity];
    for (const start of [0, 1, 2, 3, 7])
      for (const length of [1, 3, 4, 5, 8, 23])
        for (let at = 0; at < length; at++) {
          const numbers = new Float32Array(length).fill(-3.4e38);
          numbers[at] = wrongs[(start + at) % 3]!;
          // Neighbours are none of them.
          piece.fill(0xff).set(new Uint8Array(numbers.buffer), start);
          const end = start + 4 * length;
          expect(areFiniteThere(piece, start, end)).toBe(false);
          numbers[at] = 1e-45;
          piece.set(new Uint8Array(numbers.buffer), start);
          expect(areFiniteThere(piece, start, end)).toBe(true);
        }
    expect(areFiniteThere(new Uint8Array(8), 0, 8)).toBeNull();
  });
});
