import type { LinkListener, MessageLink } from "@tsmpi/transport";
import { Channel } from "./channel";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

interface Note {
  readonly type: "note";
  readonly text: string;
}

/** Two ends of one link, which hands over at once. */
function connect() {
  const on: (LinkListener | null)[] = [null, null];
  const end = (own: number): MessageLink => ({
    send: (message) => on[1 - own]?.message(message),
    listen: (listener) => void (on[own] = listener),
    close: () => Promise.resolve(on[own]?.end("closed")),
  });
  return {
    links: [end(0), end(1)] as const,
    /** As a cable: neither hears the other, or of it. */
    cut: () => on.fill(null),
  };
}

function channelOn(link: MessageLink, peer: string) {
  const heard: string[] = [];
  const ends: string[] = [];
  const channel = new Channel<Note, Note>({
    ...{ link, peer, patienceMs: 10_000 },
    onMessage: ({ text }) => heard.push(text),
    onEnd: (why) => ends.push(why),
  });
  return { channel, heard, ends };
}

describe("a channel", () => {
  test("lasts while both show signs of life, and hands on nothing of them", () => {
    const { links } = connect();
    const [a, b] = [channelOn(links[0], "b"), channelOn(links[1], "a")];
    jest.advanceTimersByTime(100_000);
    a.channel.send({ type: "note", text: "hello" });
    expect([a.ends, b.ends, a.heard, b.heard]).toEqual([[], [], [], ["hello"]]);
  });

  test("ends for both when the other is silent", () => {
    const { links, cut } = connect();
    const [a, b] = [channelOn(links[0], "b"), channelOn(links[1], "a")];
    jest.advanceTimersByTime(1_000);
    cut();
    jest.advanceTimersByTime(8_000);
    expect([a.ends, b.ends]).toEqual([[], []]);
    jest.advanceTimersByTime(3_000);
    expect(a.ends).toEqual(["no sign of life from b for 10 s"]);
    expect(b.ends).toEqual(["no sign of life from a for 10 s"]);
  });

  test("has more patience with who has not said anything yet", () => {
    const { links } = connect();
    const { ends } = channelOn(links[0], "b");
    jest.advanceTimersByTime(59_000);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(ends).toEqual(["no sign of life from b for 60 s"]);
  });

  test("waits for who has said that it will be stopped, until it goes on", () => {
    const { links, cut } = connect();
    const a = channelOn(links[0], "b");
    const b = channelOn(links[1], "a");
    jest.advanceTimersByTime(1_000);
    b.channel.suspend();
    // What it still says, and its next beat, take nothing back.
    b.channel.send({ type: "note", text: "read so much" });
    jest.advanceTimersByTime(1_000);
    cut();
    jest.advanceTimersByTime(3_600_000);
    expect(a.ends).toEqual([]);
  });
});
