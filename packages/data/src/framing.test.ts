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
});
