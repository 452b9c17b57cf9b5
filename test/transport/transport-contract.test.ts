import { createLog } from "@tsmpi/protocol";
import {
  type Credentials,
  curve,
  type Inbox,
  type Link,
  loadControl,
  loadTransport,
  onePort,
  plain,
  TRANSPORT_NAMES,
  type TransportName,
} from "@tsmpi/transport";

const NAMES = TRANSPORT_NAMES.filter(
  // These two choose one of the others.
  (name): name is TransportName => name !== "auto" && name !== "shm",
);
const JOB_KEY = "the key of this job";
const WAYS = NAMES.flatMap((name) =>
  (name === "inproc" ? [plain] : [plain, curve]).map(
    (credentials): [TransportName, string, Credentials] => [
      name,
      credentials.name,
      credentials(JOB_KEY),
    ],
  ),
);

/** The messages that arrive in an inbox, and whoever waits for so many of them. */
class Arrivals {
  readonly messages: {
    readonly header: Uint8Array;
    readonly payload: Uint8Array | null;
  }[] = [];
  #wake = () => {};

  readonly add = (header: Uint8Array, payload: Uint8Array | null): void => {
    this.messages.push({ header, payload });
    this.#wake();
  };

  async first(count: number) {
    while (this.messages.length < count)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.messages.slice(0, count);
  }
}

/** No transport may have anything to warn of among ranks. */
const silent = createLog({
  where: "test",
  level: "warn",
  write: (line) => {
    throw new Error(`unexpected: ${line}`);
  },
});

afterAll(async () => (await loadControl()).closeThreadSockets());

describe.each(WAYS)("transport %s, %s", (name, _, credentials) => {
  const open: (Inbox | Link)[] = [];
  /** Whose inbox it is: with CURVE each has a key of its own. */
  const ranks = new Map<Inbox, number>();
  afterEach(() => open.splice(0).forEach((end) => end.close()));

  async function inboxOf(
    rank: number,
  ): Promise<{ inbox: Inbox; arrivals: Arrivals }> {
    const arrivals = new Arrivals();
    const transport = await loadTransport(name);
    const inbox = await transport.listen({
      rank,
      host: "127.0.0.1",
      ports: onePort(0),
      credentials,
      log: silent,
      onMessage: arrivals.add,
    });
    open.push(inbox);
    ranks.set(inbox, rank);
    return { inbox, arrivals };
  }

  async function linkTo(inbox: Inbox, rank = 1): Promise<Link> {
    const link = (await loadTransport(name)).connect(inbox.endpoint, {
      rank,
      dest: ranks.get(inbox)!,
      credentials,
      connectTimeoutMs: 10_000,
      onUnreachable: (why) => {
        throw new Error(`unexpected: ${why}`);
      },
    });
    open.push(link);
    return link;
  }

  it("delivers header and payload as they were sent", async () => {
    const { inbox, arrivals } = await inboxOf(0);
    const link = await linkTo(inbox);
    await link.send(Buffer.from("header"), Buffer.from("payload"));
    const [message] = await arrivals.first(1);
    expect([String(message!.header), String(message!.payload)]).toEqual([
      "header",
      "payload",
    ]);
  });

  it("keeps apart no payload and an empty one", async () => {
    const { inbox, arrivals } = await inboxOf(0);
    const link = await linkTo(inbox);
    await link.send(Buffer.from("none"), null);
    await link.send(Buffer.from("empty"), Buffer.alloc(0));
    const [none, empty] = await arrivals.first(2);
    expect(none!.payload).toBeNull();
    expect(empty!.payload?.byteLength).toBe(0);
  });

  it("delivers 8 MiB unchanged", async () => {
    const { inbox, arrivals } = await inboxOf(0);
    const link = await linkTo(inbox);
    const payload = new Uint8Array(8 << 20).map((_, i) => (i * 31) % 251);
    await link.send(Buffer.from("big"), payload.slice());
    const [message] = await arrivals.first(1);
    expect(Buffer.compare(message!.payload!, payload)).toBe(0);
  });

  it("keeps the order of 5000 small messages of each of two senders, none awaited", async () => {
    const { inbox, arrivals } = await inboxOf(0);
    const links = [await linkTo(inbox, 1), await linkTo(inbox, 2)];
    const sends: Promise<void>[] = [];
    for (let i = 0; i < 5_000; i++)
      links.forEach((link, sender) =>
        sends.push(link.send(Buffer.from(`${sender} ${i}`), null)),
      );
    await Promise.all(sends);
    const numbers: number[][] = [[], []];
    for (const { header } of await arrivals.first(10_000)) {
      const [sender, number] = String(header).split(" ").map(Number);
      numbers[sender!]!.push(number!);
    }
    const inOrder = Array.from({ length: 5_000 }, (_, i) => i);
    expect(numbers).toEqual([inOrder, inOrder]);
  });

  it("gives the receiver memory of its own", async () => {
    const { inbox, arrivals } = await inboxOf(0);
    const link = await linkTo(inbox);
    await link.send(Buffer.from("a"), Buffer.from("first"));
    await link.send(Buffer.from("b"), Buffer.from("other"));
    const [first, second] = await arrivals.first(2);
    first!.payload!.fill(0);
    expect(String(second!.payload)).toBe("other");
  });

  it("queues what is sent before the inbox has answered", async () => {
    const { inbox, arrivals } = await inboxOf(0);
    const link = await linkTo(inbox);
    const sends = ["a", "b", "c"].map((text) =>
      link.send(Buffer.from(text), null),
    );
    await Promise.all(sends);
    expect(
      (await arrivals.first(3)).map(({ header }) => String(header)),
    ).toEqual(["a", "b", "c"]);
  });

  it("lets ranks send to themselves and to each other", async () => {
    const ends = [await inboxOf(0), await inboxOf(1)];
    for (const from of [0, 1])
      for (const { inbox } of ends)
        await (await linkTo(inbox, from)).send(Buffer.from(String(from)), null);
    for (const { arrivals } of ends)
      expect(
        (await arrivals.first(2)).map(({ header }) => String(header)).sort(),
      ).toEqual(["0", "1"]);
  });

  it("rejects a send over a link that is closed", async () => {
    const { inbox } = await inboxOf(0);
    const link = await linkTo(inbox);
    link.close();
    await expect(link.send(Buffer.from("late"), null)).rejects.toThrow(
      "closed",
    );
  });
});
