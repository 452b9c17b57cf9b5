import { randomBytes } from "node:crypto";
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createLog, pack } from "@tsmpi/protocol";
import {
  type Credentials,
  curve,
  loadControl,
  loadTransport,
  onePort,
  plain,
} from "@tsmpi/transport";
import { curveKeyPair, Dealer, type SocketOptions } from "zeromq";

const JOB_KEY = "the key of this job";
/** ZMTP 3.1 with a mechanism, as a client. */
const greeting = (mechanism: string): Buffer =>
  Buffer.concat([
    Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]),
    Buffer.from(mechanism.padEnd(20, "\0")),
    Buffer.alloc(32),
  ]);

/** The log that was given first for a job stays. */
const lines: string[] = [];
const log = createLog({
  where: "test",
  level: "info",
  write: (line) => lines.push(line),
});
beforeEach(() => void lines.splice(0));

interface Listening {
  readonly port: number;
  /** A message of the job goes through, and nothing else has come. */
  expectJobGoesOn(): Promise<void>;
  readonly close: () => void;
}

/** Resolves when `done` is true; the wait for another thread's sockets is the one that cannot be a parameter. */
async function until(done: () => boolean, what: string): Promise<void> {
  for (let turns = 0; !done(); turns++) {
    if (turns > 2_000) throw new Error(`waited in vain for ${what}`);
    await sleep(10);
  }
}

async function listenAsInbox(credentials: Credentials): Promise<Listening> {
  const received: string[] = [];
  const tcp = await loadTransport("tcp");
  const inbox = await tcp.listen({
    rank: 0,
    host: "127.0.0.1",
    ports: onePort(0),
    credentials,
    log,
    onMessage: (header) => received.push(String(header)),
  });
  return {
    port: Number(inbox.endpoint.split(":").at(-1)),
    async expectJobGoesOn() {
      const link = tcp.connect(inbox.endpoint, {
        ...{ rank: 1, dest: 0, credentials, connectTimeoutMs: 10_000 },
        onUnreachable: (why) => void lines.push(why),
      });
      await link.send(Buffer.from("ours"), null);
      await until(() => received.length > 0, "the job's message");
      expect(received).toEqual(["ours"]);
      link.close();
    },
    close: () => inbox.close(),
  };
}

async function listenAsCoordinator(
  credentials: Credentials,
): Promise<Listening> {
  const received: string[] = [];
  const control = await loadControl();
  const server = await control.listenControl({
    ...{ host: "127.0.0.1", addresses: ["127.0.0.1"], ports: onePort(0) },
    ...{ credentials, log },
    onMessage: (rank, message) => received.push(`${message.type} of ${rank}`),
  });
  return {
    port: server.port,
    async expectJobGoesOn() {
      const client = await control.connectControl({
        ...clientOf(server.port, credentials),
        isListening: false,
        onMessage: () => {},
        onRefused: (error) => void lines.push(error.message),
      });
      await client.send({ type: "heartbeat" });
      await until(() => received.length > 0, "the heartbeat");
      expect(received).toEqual(["heartbeat of 1"]);
      client.close();
    },
    close: () => server.close(),
  };
}

const clientOf = (port: number, credentials: Credentials) => ({
  ...{ rank: 1, host: "localhost", address: "127.0.0.1", port },
  ...{ credentials, connectTimeoutMs: 1_000 },
  onUnreachable: (why: string) => void lines.push(why),
});

/** Writes bytes and goes, as a port scanner does; resolves when the other end has hung up or the bytes are out. */
async function writeRaw(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connectSocket(port, "127.0.0.1");
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  await sleep(50);
  socket.destroy();
}

afterAll(async () => (await loadControl()).closeThreadSockets());

/** Whether the other end hangs up within a second. */
async function hangsUpOn(port: number, bytes: Uint8Array): Promise<boolean> {
  const socket = connectSocket(port, "127.0.0.1");
  const closed = new Promise<true>((resolve) => {
    socket.on("error", () => {});
    socket.on("close", () => resolve(true));
  });
  socket.resume().write(bytes);
  const end = await Promise.race([closed, sleep(1_000, false)]);
  socket.destroy();
  return end;
}

/** Who enters with one key, and who tries with another. */
const WAYS = (
  [
    [plain, /wrong job key \(it calls itself "rank-1"\)/],
    [curve, /refused a connection to .+: it has another job key, was meant/],
  ] as const
).flatMap(([way, line]) =>
  (
    [
      ["a rank's inbox", "rank-0", listenAsInbox],
      ["the coordinator's port", "coordinator", listenAsCoordinator],
    ] as const
  ).map(([where, name, listen]) => ({
    ...{ where, name, listen, way, line, how: way.name },
    // A job of its own: the log of each takes only so many refusals.
    credentials: way(`${JOB_KEY}, ${where}`),
    greeting: greeting(way.name.toUpperCase()),
  })),
);

describe.each(WAYS)("$where, $how", (way) => {
  const { credentials } = way;
  let end: Listening;
  beforeEach(async () => (end = await way.listen(credentials)));
  afterEach(() => end.close());

  function strangerWith(options: SocketOptions<Dealer>): Dealer {
    const stranger = new Dealer({
      ...options,
      ...{ linger: 0, routingId: "rank-1", reconnectInterval: 10_000 },
    });
    stranger.connect(`tcp://127.0.0.1:${end.port}`);
    return stranger;
  }

  it.each([
    [
      "an HTTP request",
      Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ],
    ["random bytes", randomBytes(1_000)],
    [
      "a greeting and then garbage",
      Buffer.concat([way.greeting, Buffer.from([4, 5]), Buffer.from("WRONG")]),
    ],
    [
      "a greeting and then random bytes of a HELLO's length",
      Buffer.concat([
        ...[way.greeting, Buffer.from([4, 200, 5]), Buffer.from("HELLO")],
        ...[Buffer.from([1, 0]), randomBytes(192)],
      ]),
    ],
    ["a greeting of another mechanism", greeting("NULL")],
    [
      "a greeting of the other mechanism",
      greeting(credentials.isEncrypted ? "PLAIN" : "CURVE"),
    ],
  ])(
    "ignores %s with one line in the log, and the job's messages go on",
    async (_, bytes) => {
      await writeRaw(end.port, bytes);
      await end.expectJobGoesOn();
      await until(() => lines.length > 0, "a line in the log");
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(
        /does not speak our protocol|ended before it had said who it is/,
      );
    },
  );

  it("ignores a connection that says nothing", async () => {
    await writeRaw(end.port, Buffer.alloc(0));
    await end.expectJobGoesOn();
    expect(lines.join()).not.toContain("warn");
  });

  it.each([
    ["a command of 1 TiB", Buffer.from([6, 0, 0, 1, 0, 0, 0, 0, 0])],
    ["a frame of 2^60 bytes", Buffer.from([2, 16, 0, 0, 0, 0, 0, 0, 0])],
    ["a command of 64 MiB", Buffer.from([6, 0, 0, 0, 0, 4, 0, 0, 0])],
  ])(
    "hangs up on a stranger who announces %s, before it takes memory for it",
    async (_, head) => {
      const before = process.memoryUsage().rss;
      const bytes = [way.greeting, head, Buffer.alloc(100_000)];
      expect(await hangsUpOn(end.port, Buffer.concat(bytes))).toBe(true);
      expect(process.memoryUsage().rss - before).toBeLessThan(32 << 20);
      await end.expectJobGoesOn();
    },
  );

  it("hangs up on a rank that sends more than any message has, and the job's messages go on", async () => {
    const insider = strangerWith(credentials.client("rank-1", way.name));
    let isHungUp = false;
    insider.events.on("disconnect", () => (isHungUp = true));
    await insider.send(Buffer.alloc(9 << 20));
    await until(() => isHungUp, "the end of the connection");
    insider.close();
    await end.expectJobGoesOn();
  });

  it("refuses a ZeroMQ peer with a wrong key, logs it, and the job's messages go on", async () => {
    const guess = way.way("guess").client("rank-1", way.name);
    const stranger = strangerWith(guess);
    // It may be refused before it has sent; what counts is the refusal in the log.
    stranger.send(pack({ type: "heartbeat" })).catch(() => {});
    await until(() => lines.length > 0, "a refusal in the log");
    stranger.close();
    await end.expectJobGoesOn();
    expect(lines.join("")).toMatch(way.line);
    expect(lines.join("")).not.toContain("guess");
  });

  it("refuses a ZeroMQ peer without a key", async () => {
    const stranger = strangerWith({});
    stranger.send(pack({ type: "heartbeat" })).catch(() => {});
    await until(() => lines.length > 0, "a refusal in the log");
    stranger.close();
    await end.expectJobGoesOn();
    expect(lines.join("")).toMatch(
      /does not speak our protocol|ended before it had said/,
    );
  });

  it("goes on among 300 connections that never say who they are", async () => {
    const silent = Array.from({ length: 300 }, () =>
      connectSocket(end.port, "127.0.0.1").on("error", () => {}),
    );
    await sleep(200);
    await end.expectJobGoesOn();
    for (const socket of silent) socket.destroy();
    expect(lines.join()).not.toContain("warn");
  });

  it("fills no log when it refuses many", async () => {
    const guess = way.way("guess").client("rank-1", way.name);
    const strangers = Array.from({ length: 30 }, () => strangerWith(guess));
    await sleep(500);
    for (const stranger of strangers) stranger.close();
    const warnings = lines.filter((line) => line.includes("warn"));
    expect(warnings.length).toBeLessThanOrEqual(21);
    await end.expectJobGoesOn();
  });
});

describe("A rank's inbox", () => {
  it("hangs up on who says nothing for ten seconds", async () => {
    const end = await listenAsInbox(curve(JOB_KEY));
    const silent = connectSocket(end.port, "127.0.0.1");
    const sinceMs = performance.now();
    await new Promise((resolve) => silent.resume().on("close", resolve));
    expect(performance.now() - sinceMs).toBeGreaterThan(8_000);
    expect(performance.now() - sinceMs).toBeLessThan(13_000);
    end.close();
  }, 20_000);
});

describe("An encrypted inbox", () => {
  const credentials = curve(JOB_KEY);

  async function refusalOf(client: SocketOptions<Dealer>): Promise<string> {
    const end = await listenAsInbox(credentials);
    const stranger = new Dealer({
      ...client,
      ...{ linger: 0, reconnectInterval: 10_000 },
    });
    stranger.connect(`tcp://127.0.0.1:${end.port}`);
    stranger.send("x").catch(() => {});
    await until(() => lines.length > 0, "a refusal in the log");
    stranger.close();
    await end.expectJobGoesOn();
    end.close();
    return lines.join("");
  }

  it("refuses who knows its public key, and has a key of their own", async () => {
    const { publicKey, secretKey } = curveKeyPair();
    const own = { curvePublicKey: publicKey, curveSecretKey: secretKey };
    expect(
      await refusalOf({ ...credentials.client("rank-1", "rank-0"), ...own }),
    ).toMatch(/wrong job key \(its key is [0-9a-f]{16}…\)/);
  });

  it("refuses a rank of the job that meant another one", async () => {
    expect(await refusalOf(credentials.client("rank-1", "rank-2"))).toMatch(
      /it has another job key, was meant for somebody else, or/,
    );
  });
});

describe("The coordinator's port", () => {
  it("ignores with a warning what is no message of ours, though the key is right", async () => {
    const credentials = plain(JOB_KEY);
    const end = await listenAsCoordinator(credentials);
    const insider = new Dealer({
      ...credentials.client("x", "coordinator"),
      linger: 0,
      routingId: "rank-2",
    });
    insider.connect(`tcp://127.0.0.1:${end.port}`);
    const garbage = [
      "",
      "garbage",
      pack(null),
      pack({ type: "join" }),
      pack({ type: "constructor" }),
      // An array of 2^32 − 1, and a map.
      Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff, 1]),
      Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff, 1, 1]),
    ];
    for (const bytes of garbage) await insider.send(bytes);
    const warnings = () =>
      lines.filter((line) => line.includes("control message that is not one"));
    await until(() => warnings().length >= garbage.length, "the warnings");
    expect(warnings()).toHaveLength(garbage.length);
    await end.expectJobGoesOn();
    insider.close();
    end.close();
  });
});

describe("A rank with a wrong key", () => {
  async function refusalOf(way: typeof plain): Promise<string> {
    const end = await listenAsCoordinator(way(JOB_KEY));
    const control = await loadControl();
    const refused = new Promise<string>((resolve, reject) => {
      control
        .connectControl({
          ...clientOf(end.port, way("guess")),
          isListening: true,
          onMessage: () => {},
          onRefused: ({ code, message }) => resolve(`${code} ${message}`),
          onUnreachable: resolve,
        })
        .catch(reject);
    });
    const text = await refused;
    end.close();
    return text;
  }

  it("hears from the coordinator that it was refused", async () => {
    expect(await refusalOf(plain)).toMatch(
      /^ERR_RENDEZVOUS .+ refused the job key of rank 1; TSMPI_JOB_KEY must be the same on all ranks/,
    );
  });

  it("finds out by itself, where everything is encrypted", async () => {
    expect(await refusalOf(curve)).toMatch(
      /^it takes connections, and ends none of \d+ handshakes within 1 s: its job key is another one, or/,
    );
  });
});
