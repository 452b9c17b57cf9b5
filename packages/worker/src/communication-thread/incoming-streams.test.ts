import type { RankMessage } from "@tsmpi/protocol";
import { IncomingStreams } from "./incoming-streams";

const stream = "s";
const frame = (length: number, more = false) => ({
  ...{ bytes: new Uint8Array(length).fill(length), more },
});
const NO_MEMORY = new Uint8Array(0);

function started() {
  const said: RankMessage[] = [];
  const streams = new IncomingStreams((message) => {
    said.push(message);
    return Promise.resolve();
  });
  return { streams, said };
}

describe("incoming streams", () => {
  it("hand on pieces as they come, and then the end", async () => {
    const { streams } = started();
    const first = streams.receive(stream, new Uint8Array(8));
    streams.put(stream, frame(2, true));
    streams.put(stream, frame(3));
    streams.put(stream, frame(4));
    streams.end(stream, null);
    expect(await first).toEqual(Uint8Array.of(2, 2, 3, 3, 3));
    expect(await streams.receive(stream, NO_MEMORY)).toEqual(frame(4).bytes);
    expect(await streams.receive(stream, NO_MEMORY)).toBeNull();
    expect(streams.count).toBe(0);
  });

  it("give credits for small frames together, and for all of them when none is left", async () => {
    const { streams, said } = started();
    for (let i = 0; i < 3; i++) streams.put(stream, frame(1));
    for (let i = 0; i < 3; i++) await streams.receive(stream, NO_MEMORY);
    expect(said).toEqual([{ type: "stream-taken", stream, pieces: 3 }]);
  });

  it("give credits for large frames at once", async () => {
    const { streams, said } = started();
    for (let i = 0; i < 2; i++) streams.put(stream, frame(1 << 19));
    await streams.receive(stream, NO_MEMORY);
    expect(said).toEqual([{ type: "stream-taken", stream, pieces: 1 }]);
  });

  it("raise the root's error, also before what came in front of it", async () => {
    const { streams } = started();
    streams.put(stream, frame(1));
    streams.end(stream, new Error("broken"));
    await expect(streams.receive(stream, NO_MEMORY)).rejects.toThrow("broken");
    expect(streams.count).toBe(0);
  });

  it.each([
    ["before anything has come", () => {}],
    [
      "with pieces that wait",
      (streams: IncomingStreams) => streams.put(stream, frame(1)),
    ],
    [
      "while the next piece is waited for",
      (streams: IncomingStreams) => void streams.receive(stream, NO_MEMORY),
    ],
  ])(
    "that are stopped %s keep nothing, also of what still comes",
    async (_, begin) => {
      const { streams, said } = started();
      begin(streams);
      await streams.stop(stream);
      expect(said).toEqual([{ type: "stream-stop", stream }]);
      streams.put(stream, frame(1));
      expect(await streams.receive(stream, NO_MEMORY)).toBeNull();
      streams.end(stream, null);
      streams.stopped(stream);
      expect(streams.count).toBe(0);
    },
  );

  it("that are stopped behind their end keep nothing, and say nothing", async () => {
    const { streams, said } = started();
    streams.put(stream, frame(1));
    streams.end(stream, null);
    await streams.stop(stream);
    expect({ said, count: streams.count }).toEqual({ said: [], count: 0 });
  });

  it.each([
    ["fewer", 5, /"s" ended after 4 bytes; 5 were expected/],
    ["more", 3, /"s" has more than the 3 bytes that were expected/],
  ])("of %s bytes than wanted are an error", async (_, wanted, text) => {
    const { streams } = started();
    const into = new Uint8Array(wanted);
    const received = streams.receiveInto(stream, into);
    streams.put(stream, frame(2));
    streams.put(stream, frame(2));
    streams.end(stream, null);
    await expect(received).rejects.toThrow(text);
  });

  it("fill the memory that is given for all of one", async () => {
    const { streams } = started();
    const into = new Uint8Array(3);
    const received = streams.receiveInto(stream, into);
    streams.put(stream, frame(1));
    streams.put(stream, frame(2));
    streams.end(stream, null);
    await received;
    expect(into).toEqual(Uint8Array.of(1, 2, 2));
  });

  it("end with an error for all when a rank is lost", async () => {
    const { streams } = started();
    const waiting = streams.receive(stream, NO_MEMORY);
    streams.fail(new Error("lost"));
    await expect(waiting).rejects.toThrow("lost");
    await expect(streams.receive("t", NO_MEMORY)).rejects.toThrow("lost");
    streams.put(stream, frame(1));
    expect(streams.count).toBe(0);
  });
});
