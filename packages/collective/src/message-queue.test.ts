import { type FrameHeader, NO_CALL } from "@tsmpi/protocol";
import { type Message, MessageQueue } from "./message-queue";

const message = (text: string, extent = 0): Message => ({
  header: {
    kind: "collective",
    ...{ source: 0, context: 0, tag: 0, call: NO_CALL, message: 0, extent },
    payloadBytes: text.length,
  } satisfies FrameHeader,
  payload: Buffer.from(text),
});
const next = async (queue: MessageQueue): Promise<string> =>
  String((await queue.take()).payload);

describe("MessageQueue", () => {
  it("gives messages out in order, whichever of message and receive comes first", async () => {
    const queue = new MessageQueue();
    queue.put(message("a"));
    queue.put(message(""));
    const received = [0, 1, 2, 3].map(() => next(queue));
    expect(queue.isAwaited).toBe(true);
    queue.put(message("c"));
    expect(queue.isAwaited).toBe(true);
    queue.put(message("d"));
    expect(queue.isAwaited).toBe(false);
    expect(await Promise.all(received)).toEqual(["a", "", "c", "d"]);
  });

  it("puts the parts of a long message together", async () => {
    const queue = new MessageQueue();
    const first = next(queue);
    for (const part of ["ab", "cd", "e"]) {
      expect(queue.isAwaited).toBe(true);
      queue.put(message(part, 5));
    }
    queue.put(message("f"));
    for (const part of ["gh", "i"]) queue.put(message(part, 3));
    expect([await first, await next(queue), await next(queue)]).toEqual([
      ...["abcde", "f", "ghi"],
    ]);
  });

  it("gives out after a failure what had come, and no message of which a part is missing", async () => {
    const queue = new MessageQueue();
    queue.put(message("last words"));
    queue.put(message("cut sh", 9));
    queue.fail(new Error("gone"));
    queue.fail(new Error("gone again"));
    expect(await next(queue)).toBe("last words");
    await expect(queue.take()).rejects.toThrow(/^gone$/);
  });

  it("rejects whatever waits when it fails", async () => {
    const queue = new MessageQueue();
    const waiting = [queue.take(), queue.take()];
    queue.fail(new Error("gone"));
    for (const received of waiting)
      await expect(received).rejects.toThrow("gone");
    expect(queue.isAwaited).toBe(false);
  });
});
