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
  test.each([1, 2, 5, 16, 100])(
    "are not those of a piece of %i bytes that was given back",
    async (pieceBytes) => {
      const texts = Array.from({ length: 30 }, (_, i) => "x".repeat(i) + i);
      const all = Buffer.from(texts.join("\n"));
      let givenBack = 0;
      const source = {
        ...{ path: "lent.txt", bytes: all.length, isSeekable: true },
        async *read() {
          for (let at = 0; at < all.length; at += pieceBytes)
            yield Uint8Array.from(all.subarray(at, at + pieceBytes));
        },
        readAt: () => Promise.reject(new Error("not asked for")),
        giveBack(piece: Uint8Array) {
          givenBack += piece.length;
          piece.fill(0);
        },
      };
      const found: string[] = [];
      for await (const run of frames(source, lines({ skipsEmpty: true })))
        run.starts.forEach((start, i) =>
          found.push(
            Buffer.from(run.bytes.subarray(start, run.ends[i])).toString(),
          ),
        );
      expect(found).toEqual(texts);
      if (pieceBytes === 100) expect(givenBack).toBeGreaterThan(0);
    },
  );
});
