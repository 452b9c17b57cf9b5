import { PassThrough, Writable } from "node:stream";
import { linePrefix, Pieces, Sink } from "./output";

const feed = (pieces: Pieces, ...chunks: string[]) =>
  chunks.map((chunk) => pieces.push(Buffer.from(chunk))?.toString() ?? null);

describe("cutting output into pieces", () => {
  const plain = () => new Pieces({ prefix: null, carriageReturnEnds: false });

  test("passes whole lines on and holds the rest", () => {
    const pieces = plain();
    expect(feed(pieces, "a\nb", "c", "\nd\ne")).toEqual([
      "a\n",
      null,
      "bc\nd\n",
    ]);
    expect(pieces.flush()?.toString()).toBe("e");
    expect(pieces.flush()).toBeNull();
  });

  test("keeps a line of many chunks whole", () => {
    const pieces = plain();
    const chunk = "x".repeat(65_536);
    for (let i = 0; i < 50; i++) expect(feed(pieces, chunk)).toEqual([null]);
    expect(feed(pieces, "\n")[0]).toHaveLength(50 * 65_536 + 1);
  });

  test("ends a piece at a carriage return on a terminal only", () => {
    const terminal = new Pieces({ prefix: null, carriageReturnEnds: true });
    expect(feed(terminal, "50%\r60")).toEqual(["50%\r"]);
    expect(feed(plain(), "50%\r60")).toEqual([null]);
  });

  test("tags each line once, wherever the chunks are cut", () => {
    const pieces = new Pieces({
      prefix: () => "T:",
      carriageReturnEnds: false,
    });
    expect(feed(pieces, "a\n\nb", "\n")).toEqual(["T:a\nT:\n", "T:b\n"]);
    feed(pieces, "c");
    expect(pieces.flush()?.toString()).toBe("T:c");
  });

  test("leaves bytes that are no UTF-8 as they are", () => {
    const pieces = new Pieces({
      prefix: () => "T:",
      carriageReturnEnds: false,
    });
    const bytes = Buffer.from([0xff, 0xe2, 0x82, 0x0a]);
    expect(pieces.push(bytes)).toEqual(
      Buffer.concat([Buffer.from("T:"), bytes]),
    );
  });
});

describe("prefixing lines", () => {
  const prefix = (tag: boolean, timestamp: boolean) =>
    linePrefix({
      rank: 3,
      stream: "stderr",
      tag,
      timestamp,
      now: () => new Date(2026, 10, 20, 23, 4, 5),
    })?.();

  test("has mpirun's formats", () => {
    expect(prefix(false, false)).toBeUndefined();
    expect(prefix(true, false)).toBe("[1,3]<stderr>:");
    expect(prefix(false, true)).toBe("Fri Nov 20 23:04:05 2026<stderr>:");
    expect(prefix(true, true)).toBe("Fri Nov 20 23:04:05 2026[1,3]<stderr>:");
  });
});

describe("writing to a sink", () => {
  test("ends the line that one rank has begun before another writes", () => {
    const stream = new PassThrough();
    const sink = new Sink(stream, () => {});
    void sink.write(Buffer.from("a"), 0);
    void sink.write(Buffer.from("b\n"), 0);
    void sink.write(Buffer.from("c"), 1);
    void sink.write(Buffer.from("d\n"), 2);
    expect((stream.read() as Buffer).toString()).toBe("ab\nc\nd\n");
  });

  test("makes its writers wait while its reader is slow", async () => {
    let take = () => {};
    const slow = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => (take = done),
    });
    const sink = new Sink(slow, () => {});
    const room = sink.write(Buffer.from("a\n"), 0);
    expect(room).toBeInstanceOf(Promise);
    expect(sink.write(Buffer.from("b\n"), 1)).toBe(room);
    take();
    take();
    await room;
  });

  test("tells once that nobody reads any more, and lets its writers go on", async () => {
    let closed = 0;
    const broken = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => done(new Error("EPIPE")),
    });
    const sink = new Sink(broken, () => closed++);
    await sink.write(Buffer.from("a\n"), 0);
    expect(sink.write(Buffer.from("b\n"), 0)).toBeNull();
    expect(closed).toBe(1);
  });
});
