import {
  createLog,
  encodeHeader,
  type FrameHeader,
  HEADER_BYTES,
} from "@tsmpi/protocol";
import {
  type Frame,
  loadTransport,
  Mesh,
  type Transport,
} from "@tsmpi/transport";

const call = { collective: 0, dtype: 0, op: 0, root: null, count: 1 };
const frame = (payload: Uint8Array): Frame => ({
  kind: "point-to-point",
  context: 0,
  tag: 5,
  call,
  payload,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Two ranks; what rank 1 gets, and what it warns of. */
async function pair(
  change: (transport: Transport) => Transport = (transport) => transport,
) {
  const transport = change(await loadTransport("inproc"));
  const received: { header: FrameHeader; payload: Uint8Array }[] = [];
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
        jobKey: "",
        log,
        onFrame: (header, payload) => received.push({ header, payload }),
      }),
    ),
  );
  const addresses = meshes.map(({ endpoint }, rank) => ({
    rank,
    endpoint,
    host: "test",
    pid: rank,
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
        kind: "point-to-point",
        source: 0,
        context: 0,
        tag: 5,
        call,
        payloadBytes: length,
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

describe("Mesh", () => {
  const headerOf = (change: Partial<FrameHeader>): Uint8Array => {
    const bytes = new Uint8Array(HEADER_BYTES);
    encodeHeader(bytes, {
      kind: "collective",
      source: 0,
      context: 0,
      tag: 0,
      call,
      payloadBytes: 0,
      ...change,
    });
    return bytes;
  };
  it.each([
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
  ])(
    "ignores %s with a warning, and the job's messages go on",
    async (_, header, payload) => {
      const { sender, receiver, received, lines, transport } = await pair();
      const stranger = transport.connect(receiver.endpoint, {
        rank: 0,
        jobKey: "",
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
});
