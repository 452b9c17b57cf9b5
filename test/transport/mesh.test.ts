import {
  createLog,
  encodeHeader,
  type FrameHeader,
  HEADER_BYTES,
  NO_CALL,
} from "@tsmpi/protocol";
import {
  type Frame,
  loadTransport,
  Mesh,
  onePort,
  plain,
  type Transport,
} from "@tsmpi/transport";

const towards = {
  credentials: plain(""),
  connectTimeoutMs: 10_000,
  onUnreachable: () => {},
};
const call = { ...NO_CALL, count: 1 };
const frame = (payload: Uint8Array): Frame => ({
  kind: "collective",
  context: 0,
  tag: 5,
  call,
  payload,
});
/** As the main thread writes them: a header and its payload. */
function encoded(
  payload: Uint8Array,
  change: Partial<FrameHeader> = {},
): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payload.byteLength);
  encodeHeader(bytes, {
    kind: "eager",
    source: 0,
    context: 0,
    tag: 0,
    call,
    message: 0,
    payloadBytes: payload.byteLength,
    extent: 0,
    ...change,
  });
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Two ranks; what rank 1 gets, and what it warns of. */
async function pair(
  change: (transport: Transport) => Transport = (transport) => transport,
) {
  const transport = change(await loadTransport("inproc"));
  const received: {
    header: FrameHeader;
    payload: Uint8Array;
    head: Uint8Array;
  }[] = [];
  const lines: string[] = [];
  const log = createLog({
    where: "rank 1",
    level: "warn",
    write: (line) => lines.push(line),
  });
  const meshes = await Promise.all(
    [0, 1].map((rank) =>
      Mesh.open({
        rank,
        size: 2,
        transport,
        host: "127.0.0.1",
        ports: onePort(0),
        ...towards,
        log,
        onFrame: (header, payload, head) =>
          received.push({ header, payload, head }),
      }),
    ),
  );
  const addresses = meshes.map(({ endpoint }, rank) => ({
    rank,
    endpoint,
    host: "test",
    pid: rank,
    machine: "m",
    share: null,
  }));
  for (const mesh of meshes) mesh.setAddresses(addresses);
  return {
    sender: meshes[0]!,
    receiver: meshes[1]!,
    received,
    lines,
    transport,
  };
}

describe("Mesh.send", () => {
  it.each([0, 1, 4096, 4097, 100_000])(
    "delivers a payload of %i bytes, and the caller may write to it at once",
    async (length) => {
      const { sender, receiver, received } = await pair();
      const payload = new Uint8Array(length).fill(7);
      const sent = sender.send(1, frame(payload));
      payload.fill(0);
      await sent;
      expect(received).toHaveLength(1);
      expect(received[0]!.header).toEqual({
        kind: "collective",
        source: 0,
        context: 0,
        tag: 5,
        call,
        message: 0,
        payloadBytes: length,
        extent: 0,
      });
      expect(
        Buffer.compare(received[0]!.payload, new Uint8Array(length).fill(7)),
      ).toBe(0);
      expect([sender.sent[1], receiver.received[0]]).toEqual([1, 1]);
    },
  );

  it("drops what is for a rank that is gone, and what still waits in its link", async () => {
    let closed: (error: Error) => void = () => {};
    const { sender } = await pair((inner) => ({
      ...inner,
      connect: () => ({
        send: () => new Promise((_, reject) => (closed = reject)),
        close: () => closed(new Error("the link is closed")),
      }),
    }));
    const waiting = sender.send(1, frame(new Uint8Array(1)));
    sender.forget(1);
    await expect(waiting).resolves.toBeUndefined();
    await expect(
      sender.send(1, frame(new Uint8Array(1))),
    ).resolves.toBeUndefined();
  });
});

describe("Mesh.flush", () => {
  /** What this rank sends leaves when `go` is called. */
  async function held(rank: number) {
    const waiting: (() => void)[] = [];
    const ends = await pair((inner) => ({
      ...inner,
      connect(endpoint, options) {
        const link = inner.connect(endpoint, options);
        return {
          ...link,
          async send(header, payload) {
            if (options.rank === rank)
              await new Promise<void>((resolve) => waiting.push(resolve));
            await link.send(header, payload);
          },
        };
      },
    }));
    const go = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        next();
        await turn();
      }
    };
    return { ...ends, go };
  }

  it("resolves when the receiver has what was lent, which is read from where it lies until then", async () => {
    const { sender, received, go } = await held(0);
    const payload = new Uint8Array(100_000).fill(7);
    const sent = sender.send(1, { ...frame(payload), isLent: true });
    let isFlushed = false;
    const flushed = sender.flush(1).then(() => (isFlushed = true));
    await turn();
    expect(isFlushed).toBe(false);
    payload.fill(8);
    await go();
    await Promise.all([sent, flushed]);
    payload.fill(9);
    expect(received[0]!.payload.every((byte) => byte === 8)).toBe(true);
  });

  it.each(["forget", "ended"] as const)(
    "resolves when the receiver needs nothing any more: %s",
    async (end) => {
      const { sender, go } = await held(0);
      const flushed = sender.flush(1);
      sender[end](1);
      await go();
      await expect(flushed).resolves.toBeUndefined();
      await expect(sender.flush(1)).resolves.toBeUndefined();
    },
  );

  it("resolves when the mesh is closed and no answer can come", async () => {
    const { sender } = await held(1);
    const flushed = sender.flush(1);
    await turn();
    sender.close();
    await expect(flushed).resolves.toBeUndefined();
  });
});

describe("Mesh.sendEncoded", () => {
  it("delivers several frames of one message in their order, empty and long ones", async () => {
    const { sender, receiver, received } = await pair();
    const payloads = [3, 0, 100_000, 1, 0].map((length, i) =>
      new Uint8Array(length).fill(i + 1),
    );
    const frames = payloads.map((payload, i) =>
      encoded(payload, { message: i, tag: -1 }),
    );
    await sender.sendEncoded(1, Buffer.concat(frames), frames.length);
    expect(received.map(({ header }) => header.message)).toEqual([
      ...frames.keys(),
    ]);
    received.forEach(({ head, payload }, i) => {
      expect(Buffer.compare(payload, payloads[i]!)).toBe(0);
      expect(
        Buffer.compare(head.subarray(0, frames[i]!.byteLength), frames[i]!),
      ).toBe(0);
    });
    expect([sender.sent[1], receiver.received[0]]).toEqual([5, 5]);
  });

  it("keeps its place between other messages to the same rank", async () => {
    const { sender, received } = await pair();
    const sent = [
      sender.send(1, frame(Buffer.from("a"))),
      sender.sendEncoded(
        1,
        Buffer.concat(["b", "c"].map((text) => encoded(Buffer.from(text)))),
        2,
      ),
      sender.send(1, frame(new Uint8Array(5_000).fill(100))),
      sender.sendEncoded(1, encoded(Buffer.from("e")), 1),
    ];
    await Promise.all(sent);
    expect(
      received.map(({ payload }) => String.fromCharCode(payload[0]!)),
    ).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("drops what is for a rank that is gone, and does not count it", async () => {
    const { sender, received } = await pair();
    sender.forget(1);
    await sender.sendEncoded(1, encoded(new Uint8Array(1)), 1);
    expect(received).toEqual([]);
    expect(sender.sent[1]).toBe(0);
  });
});

describe("Mesh", () => {
  const headerOf = (change: Partial<FrameHeader>): Uint8Array =>
    encoded(new Uint8Array(0), { kind: "collective", ...change });
  type Strange = readonly [string, Uint8Array, Uint8Array | null];
  it.each<Strange>([
    ["nothing", new Uint8Array(0), null],
    [
      "random bytes",
      Uint8Array.from({ length: 100 }, (_, i) => (i * 89) % 256),
      null,
    ],
    ["a source that the job does not have", headerOf({ source: 2 }), null],
    [
      "a payload that is shorter than announced",
      headerOf({ payloadBytes: 10 }),
      new Uint8Array(9),
    ],
    [
      "a payload that is longer than announced",
      headerOf({ payloadBytes: 10 }),
      new Uint8Array(11),
    ],
    ["no payload where one is announced", headerOf({ payloadBytes: 1 }), null],
    ...[-HEADER_BYTES, -1, 0.5, NaN, Infinity].map((payloadBytes): Strange => [
      `a payload of ${payloadBytes} bytes`,
      headerOf({ payloadBytes }),
      null,
    ]),
    ["a header cut short", headerOf({}).subarray(0, HEADER_BYTES - 1), null],
  ])(
    "ignores %s with a warning, and the job's messages go on",
    async (_, header, payload) => {
      const { sender, receiver, received, lines, transport } = await pair();
      const stranger = transport.connect(receiver.endpoint, {
        rank: 0,
        dest: 1,
        ...towards,
      });
      await stranger.send(header, payload);
      expect(lines).toEqual([
        "tsmpi warn [rank 1] ignored a message that is not one of ours\n",
      ]);
      await sender.send(1, frame(Buffer.from("ours")));
      await turn();
      expect(received.map((message) => String(message.payload))).toEqual([
        "ours",
      ]);
    },
  );

  it.each([
    ["is cut short", encoded(new Uint8Array(9)).subarray(0, HEADER_BYTES + 8)],
    ["has a header cut short", encoded(new Uint8Array(0)).subarray(1)],
    ["is random bytes", new Uint8Array(100).fill(77)],
    ["is of a source that the job does not have", headerOf({ source: 2 })],
    ["has less than nothing behind it", headerOf({ payloadBytes: -1 })],
  ])(
    "takes the frames before one that %s, and warns once",
    async (_, broken) => {
      const { sender, receiver, received, lines } = await pair();
      const good = ["a", "b"].map((text) => encoded(Buffer.from(text)));
      await sender.sendEncoded(1, Buffer.concat([...good, broken]), 3);
      expect(received.map(({ payload }) => String(payload))).toEqual([
        ...["a", "b"],
      ]);
      expect(receiver.received[0]).toBe(2);
      expect(lines).toHaveLength(1);
    },
  );
});
