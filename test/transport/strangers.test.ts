import { randomBytes } from "node:crypto";
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createLog, pack, type RankMessage } from "@tsmpi/protocol";
import {
  type Credentials,
  curve,
  loadControl,
  loadTransport,
  plain,
} from "@tsmpi/transport";
import { Dealer, type SocketOptions } from "zeromq";

const JOB_KEY = "the key of this job";
/** ZMTP 3.1 with a mechanism, as a client. */
const greeting = (mechanism: string): Buffer =>
  Buffer.concat([
    Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]),
    Buffer.from(mechanism.padEnd(20, "\0")),
    Buffer.alloc(32),
  ]);
/** The head of a command that announces 1 TiB. */
const HUGE_COMMAND = Buffer.from([6, 0, 0, 1, 0, 0, 0, 0, 0]);

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
    if (turns > 500) throw new Error(`waited in vain for ${what}`);
    await sleep(10);
  }
}

async function listenAsInbox(credentials: Credentials): Promise<Listening> {
  const received: string[] = [];
  const tcp = await loadTransport("tcp");
  const inbox = await tcp.listen({
    rank: 0,
    host: "127.0.0.1",
    ports: [0],
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
    ...{ host: "127.0.0.1", addresses: ["127.0.0.1"], ports: [0] },
    ...{ size: 3, credentials, log },
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
  ...{ rank: 1, size: 3, host: "localhost", address: "127.0.0.1", port },
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

describe.each([
  ["a rank's inbox", listenAsInbox],
  ["the coordinator's port", listenAsCoordinator],
])("%s", (_, listen) => {
  let end: Listening;
  beforeEach(async () => (end = await listen()));
  afterEach(() => end.close());

  it.each([
    [
      "an HTTP request",
      Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ],
    ["random bytes", randomBytes(1_000)],
    [
      "a greeting and then garbage",
      Buffer.concat([GREETING, Buffer.from([4, 5]), Buffer.from("WRONG")]),
    ],
    [
      "a greeting of another mechanism",
      Buffer.concat([
        GREETING.subarray(0, 12),
        Buffer.from("NULL".padEnd(20, "\0")),
        Buffer.alloc(32),
      ]),
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

  it("allocates nothing for a message that a stranger announces", async () => {
    const before = process.memoryUsage().rss;
    await writeRaw(
      end.port,
      Buffer.concat([GREETING, HUGE_COMMAND, Buffer.alloc(1_000)]),
    );
    await end.expectJobGoesOn();
    expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20);
  });

  it.each([
    [
      "a wrong key",
      { plainUsername: "rank-1", plainPassword: "guess" },
      /wrong job key \(it calls itself "rank-1"\)/,
    ],
    ["no key", {}, /does not speak our protocol|ended before it had said/],
  ])(
    "refuses a ZeroMQ peer with %s, logs it, and the job's messages go on",
    async (_, credentials, line) => {
      const stranger = new Dealer({
        ...(credentials as SocketOptions<Dealer>),
        linger: 0,
        routingId: "rank-1",
        reconnectInterval: 10_000,
      });
      stranger.connect(`tcp://127.0.0.1:${end.port}`);
      // It may be refused before it has sent; what counts is the refusal in the log.
      await stranger
        .send([
          pack({ type: "heartbeat" } satisfies RankMessage),
          Buffer.from("x"),
        ])
        .catch(() => {});
      await until(() => lines.length > 0, "a refusal in the log");
      stranger.close();
      await end.expectJobGoesOn();
      expect(lines.join("")).toMatch(line);
    },
  );
});

describe("The coordinator's port", () => {
  it("ignores with a warning what is no message of ours, though the key is right", async () => {
    const end = await listenAsCoordinator();
    const insider = new Dealer({
      plainUsername: "x",
      plainPassword: JOB_KEY,
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

describe("A flood of refused connections", () => {
  it("fills no log", async () => {
    const end = await listenAsInbox();
    const strangers = Array.from({ length: 30 }, () => {
      const stranger = new Dealer({
        plainUsername: "x",
        plainPassword: "guess",
        linger: 0,
        reconnectInterval: 10_000,
      });
      stranger.connect(`tcp://127.0.0.1:${end.port}`);
      return stranger;
    });
    await sleep(500);
    for (const stranger of strangers) stranger.close();
    const warnings = lines.filter((line) => line.includes("warn"));
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThanOrEqual(21);
    await end.expectJobGoesOn();
    end.close();
  });
});

describe("A rank with a wrong key", () => {
  it("hears from the coordinator that it was refused", async () => {
    const end = await listenAsCoordinator();
    const control = await loadControl();
    const refused = new Promise<Error>((resolve) => {
      void control.connectControl({
        rank: 1,
        host: "127.0.0.1",
        port: end.port,
        jobKey: "guess",
        isListening: false,
        onMessage: () => {},
        onRefused: resolve,
      });
    });
    expect(await refused).toMatchObject({
      code: "ERR_RENDEZVOUS",
      message: expect.stringMatching(
        /refused the job key of rank 1; TSMPI_JOB_KEY must be the same on all ranks/,
      ) as string,
    });
    end.close();
  });
});
