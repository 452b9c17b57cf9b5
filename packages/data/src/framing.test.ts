import { PIECE_BYTES } from "./files/byte-source";
import { lines } from "./framers/lines";
import { frames, MOST_RECORD_BYTES } from "./framing";

describe("records in a run of bytes", () => {
  test("that do not end are given up at the most that a record may have", async () => {
    const piece = new Uint8Array(PIECE_BYTES).fill(97);
    let read = 0;
    const source = {
      ...{ path: "endless.txt", bytes: 1, isSeekable: false },
      // As of a small file that unpacks without an end.
      async *read() {
        for (; read < 10 * MOST_RECORD_BYTES; read += piece.length) yield piece;
      },
      readAt: () => Promise.reject(new Error("not asked for")),
    };
    const all = frames(source, lines({ skipsEmpty: true }));
    await expect(all[Symbol.asyncIterator]().next()).rejects.toThrow(
      `endless.txt, record 0 (byte 0): it does not end within ${MOST_RECORD_BYTES} bytes, the most that a record may have`,
    );
    expect(read).toBeLessThanOrEqual(MOST_RECORD_BYTES + piece.length);
  });

  test.each([1, 7, 64])(
    "may lie in memory that is used again, %i bytes at a time",
    async (pieceBytes) => {
      const texts = Array.from({ length: 50 }, (_, i) => `${i}`.repeat(i + 1));
      const all = Buffer.from(texts.join("\n"));
      const memory = new Uint8Array(pieceBytes);
      const source = {
        ...{ path: "lent.txt", bytes: all.length, isSeekable: true },
        read: () => fail("it is to be lent"),
        readAt: () => fail("not asked for"),
        async *lend() {
          for (let at = 0; at < all.length; at += pieceBytes) {
            const piece = all.subarray(at, at + pieceBytes);
            memory.fill(0).set(piece);
            yield memory.subarray(0, piece.length);
          }
        },
      };
      const found: string[] = [];
      for await (const records of frames(source, lines({ skipsEmpty: true })))
        records.starts.forEach((start, i) =>
          found.push(
            Buffer.from(records.bytes.slice(start, records.ends[i])).toString(),
          ),
        );
      expect(found).toEqual(texts);
    },
  );
});

const fail = (text: string): never => {
  throw new Error(text);
};
