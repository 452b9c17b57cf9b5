import type { FrameHeader } from "@tsmpi/protocol";
import { ANY_SOURCE, ANY_TAG, type Gone, Matching } from "./matching";
import type { Message } from "./message-queue";

const call = { collective: 0, dtype: 0, op: 0, root: null, count: 1 };
const message = (source: number, tag: number, text = ""): Message => ({
  header: {
    kind: "point-to-point",
    source,
    context: 0,
    tag,
    call,
    payloadBytes: text.length,
  } satisfies FrameHeader,
  payload: Buffer.from(text),
});
const textOf = ({ payload }: Message): string => String(payload);
const failed = (text: string): Gone => ({
  error: new Error(text),
  inOrder: false,
});
const left = (text: string): Gone => ({
  error: new Error(text),
  inOrder: true,
});

describe("Matching.receive", () => {
  it.each([
    ["source and tag", { source: 1, tag: 7 }],
    ["any source", { source: ANY_SOURCE, tag: 7 }],
    ["any tag", { source: 1, tag: ANY_TAG }],
    ["anything", { source: ANY_SOURCE, tag: ANY_TAG }],
  ])(
    "by %s takes a message, whichever of the two comes first",
    async (_, wanted) => {
      const early = new Matching(2);
      early.deliver(message(1, 7, "early"));
      expect(textOf(await early.receive(wanted))).toBe("early");

      const late = new Matching(2);
      const received = late.receive(wanted);
      late.deliver(message(1, 7, "late"));
      expect(textOf(await received)).toBe("late");
    },
  );

  it("leaves messages of other sources and tags for others", async () => {
    const matching = new Matching(2);
    matching.deliver(message(2, 7, "other source"));
    matching.deliver(message(1, 8, "other tag"));
    const received = matching.receive({ source: 1, tag: 7 });
    matching.deliver(message(1, 7, "this"));
    expect(textOf(await received)).toBe("this");
    expect(textOf(await matching.receive({ source: 2, tag: 7 }))).toBe(
      "other source",
    );
    expect(textOf(await matching.receive({ source: 1, tag: 8 }))).toBe(
      "other tag",
    );
  });

  it("gives messages of one source and tag in the order they were sent", async () => {
    const matching = new Matching(1);
    matching.deliver(message(1, 0, "a"));
    matching.deliver(message(1, 0, "b"));
    const received = [0, 1, 2].map(() =>
      matching.receive({ source: 1, tag: ANY_TAG }),
    );
    matching.deliver(message(1, 0, "c"));
    expect((await Promise.all(received)).map(textOf)).toEqual(["a", "b", "c"]);
  });

  it("gives a message to the receive that was posted first", async () => {
    const matching = new Matching(2);
    const any = matching.receive({ source: ANY_SOURCE, tag: ANY_TAG });
    const exact = matching.receive({ source: 1, tag: 7 });
    matching.deliver(message(1, 7, "a"));
    matching.deliver(message(1, 7, "b"));
    expect([textOf(await any), textOf(await exact)]).toEqual(["a", "b"]);
  });
});

describe("Matching.failSource", () => {
  it("rejects receives from that source, posted before or after, and no others", async () => {
    const matching = new Matching(2);
    const before = matching.receive({ source: 1, tag: 0 });
    const other = matching.receive({ source: 2, tag: 0 });
    matching.failSource(1, failed("rank 1 is gone"));
    await expect(before).rejects.toThrow("rank 1 is gone");
    await expect(matching.receive({ source: 1, tag: 0 })).rejects.toThrow(
      "rank 1 is gone",
    );
    matching.deliver(message(2, 0, "b"));
    expect(textOf(await other)).toBe("b");
  });

  it("still gives out what had arrived from it", async () => {
    const matching = new Matching(1);
    matching.deliver(message(1, 0, "last words"));
    matching.failSource(1, failed("rank 1 is gone"));
    expect(textOf(await matching.receive({ source: 1, tag: 0 }))).toBe(
      "last words",
    );
    await expect(matching.receive({ source: 1, tag: 0 })).rejects.toThrow(
      "rank 1 is gone",
    );
  });

  it("rejects a receive from any source at once if the source failed: it might be the one", async () => {
    const matching = new Matching(2);
    const any = matching.receive({ source: ANY_SOURCE, tag: ANY_TAG });
    matching.failSource(1, failed("rank 1 failed"));
    await expect(any).rejects.toThrow("rank 1 failed");
  });

  it("rejects a receive from any source only when the last one has left in good order", async () => {
    const matching = new Matching(2);
    const first = matching.receive({ source: ANY_SOURCE, tag: ANY_TAG });
    matching.failSource(1, left("rank 1 left"));
    matching.deliver(message(2, 0, "still here"));
    expect(textOf(await first)).toBe("still here");
    const second = matching.receive({ source: ANY_SOURCE, tag: ANY_TAG });
    matching.failSource(2, left("rank 2 left"));
    await expect(second).rejects.toThrow("rank 1 left");
  });

  it("leaves a rank alone that waits for itself in a world of one", async () => {
    const matching = new Matching(0);
    const received = matching.receive({ source: ANY_SOURCE, tag: 0 });
    matching.deliver(message(0, 0, "to myself"));
    expect(textOf(await received)).toBe("to myself");
  });
});
