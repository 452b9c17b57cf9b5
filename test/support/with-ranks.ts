import { setImmediate } from "node:timers/promises";
import {
  Activity,
  Communicator,
  type Forced,
  type Hosts,
  Mailbox,
  type PointToPoint,
} from "@tsmpi/collective";
import { createLog, HEADER_BYTES, NO_CALL } from "@tsmpi/protocol";
import {
  loadTransport,
  Mesh,
  onePort,
  plain,
  type Transport,
} from "@tsmpi/transport";
import { randomBelow } from "./random";

/** What went from one rank to another. Bytes are those of payloads, without the headers. */
export interface Traffic {
  readonly from: number;
  readonly to: number;
  readonly messages: number;
  readonly bytes: number;
}

/** One rank's end of a test world. */
export interface TestRank {
  readonly rank: number;
  readonly size: number;
  /** Of all ranks, context 0. */
  readonly communicator: Communicator;
  readonly mailbox: Mailbox;
  /** What the communicator writes down of what it does. */
  readonly activity: Activity;
  /** For algorithms without a communicator around them: messages between ranks, in order, under a tag of their own. */
  readonly channel: PointToPoint;
}

export interface WithRanksOptions {
  readonly forced?: Forced;
  /** Of a collective. Default 5 s: a test that hangs says whom it waits for. */
  readonly timeoutMs?: number;
  /** Where the ranks run; default: all on one host. */
  readonly hostsOf?: (rank: number) => Hosts;
  /** See `CallOptions`. */
  readonly inquiryMs?: number;
  readonly stallWarnMs?: number;
  readonly reportMs?: number;
  /** What a communicator warns of; without it a warning fails the test. */
  readonly onWarning?: (rank: number, text: string) => void;
  /** Delays every message by a random number of turns of the event loop; those of a pair stay in order. */
  readonly delays?: { readonly seed: number };
}

export interface Outcome<Result> {
  /** In rank order. */
  readonly results: readonly Result[];
  /** Links that carried something, by sender, then by receiver. */
  readonly traffic: readonly Traffic[];
  /** Messages over `channel` that follow each other on the longest path. */
  readonly steps: number;
}

/** A world in this process: `body` runs once a rank, all at the same time. Rejects with the first rank's error. */
export async function withRanks<Result>(
  size: number,
  body: (rank: TestRank) => Promise<Result>,
  {
    forced = {},
    timeoutMs = 5_000,
    hostsOf,
    onWarning = (rank, text) => unexpected(`rank ${rank} warns: ${text}`),
    delays,
    ...times
  }: WithRanksOptions = {},
): Promise<Outcome<Result>> {
  const links = new Map<string, Traffic>();
  const clock = new LogicalClock(size);
  const inproc = await loadTransport("inproc");
  const transport = counting(delays ? delaying(inproc, delays) : inproc, links);
  const worlds = await Promise.all(
    Array.from({ length: size }, (_, rank) => openRank(rank, size, transport)),
  );
  const addresses = worlds.map(({ mesh }, rank) => ({
    rank,
    endpoint: mesh.endpoint,
    host: "test",
    pid: rank,
    machine: "m",
    share: null,
  }));
  const group = addresses.map(({ rank }) => rank);

  try {
    const results = await Promise.all(
      worlds.map(({ mesh, mailbox }, rank) => {
        mesh.setAddresses(addresses);
        const activity = new Activity();
        const communicator = new Communicator({
          context: 0,
          rank,
          group,
          mailbox,
          sender: mesh,
          forced,
          hosts: () => hostsOf?.(rank) ?? null,
          timeoutMs,
          activity,
          log: { warn: (text) => onWarning(rank, text) },
          ...times,
        });
        const channel = clock.over(wires(mesh, mailbox, rank, size));
        return body({
          ...{ rank, size, communicator, mailbox, activity, channel },
        });
      }),
    );
    return { results, traffic: sorted(links), steps: clock.steps };
  } finally {
    for (const { mesh } of worlds) mesh.close();
  }
}

async function openRank(rank: number, size: number, transport: Transport) {
  const mailbox = new Mailbox();
  const log = createLog({
    where: `rank ${rank}`,
    level: "warn",
    write: unexpected,
  });
  const mesh = await Mesh.open({
    rank,
    size,
    transport,
    host: "127.0.0.1",
    ...ALONE,
    log,
    onFrame: (header, payload) => mailbox.deliver(header, payload),
  });
  return { mailbox, mesh };
}

/** Between ranks of one process nobody asks who somebody is, and nothing is in the way. */
const ALONE = {
  ports: onePort(0),
  credentials: plain(""),
  connectTimeoutMs: 10_000,
  onUnreachable: () => {},
};

const unexpected = (line: string): never => {
  throw new Error(`unexpected: ${line}`);
};

/** All of it is one call that never ends, of a communicator that nobody else has. */
function wires(
  mesh: Mesh,
  mailbox: Mailbox,
  rank: number,
  size: number,
): PointToPoint {
  const inbox = mailbox.context(WIRES).begin(0);
  inbox.begin({
    isSame: () => true,
    onMismatch: () => {},
    onInquiry: () => {},
    onAnswer: () => {},
    onReport: () => {},
  });
  const send = (dest: number, payload: Uint8Array, isLent: boolean) =>
    mesh.send(dest, {
      ...{ kind: "collective", context: WIRES, tag: 0, call: NO_CALL },
      ...{ payload, isLent },
    });
  return {
    rank,
    size,
    send: (dest, bytes) => send(dest, bytes, false),
    lend: (dest, bytes) => send(dest, bytes, true),
    receive: async (source) => (await inbox.receive(source)).payload,
  };
}
/** The context of `wires`. */
const WIRES = 1;

/** Counts what each link carries; rank 0 opens the first inbox, rank 1 the second. */
function counting(inner: Transport, links: Map<string, Traffic>): Transport {
  const rankAt = new Map<string, number>();
  return {
    async listen(options) {
      const inbox = await inner.listen(options);
      rankAt.set(inbox.endpoint, options.rank);
      return inbox;
    },
    connect(endpoint, options) {
      const link = inner.connect(endpoint, options);
      const from = options.rank;
      const to = rankAt.get(endpoint)!;
      return {
        ...link,
        send(header, payload) {
          const { messages, bytes } = links.get(`${from} ${to}`) ?? {
            messages: 0,
            bytes: 0,
          };
          const all = header.byteLength + (payload?.byteLength ?? 0);
          links.set(`${from} ${to}`, {
            from,
            to,
            messages: messages + 1,
            bytes: bytes + all - HEADER_BYTES,
          });
          return link.send(header, payload);
        },
      };
    },
  };
}

function delaying(inner: Transport, { seed }: { seed: number }): Transport {
  const below = randomBelow(seed);
  return {
    listen: (options) => inner.listen(options),
    connect(endpoint, options) {
      const link = inner.connect(endpoint, options);
      let last: Promise<unknown> = Promise.resolve();
      return {
        ...link,
        send(header, payload) {
          const turns = below(4);
          last = last.then(async () => {
            for (let turn = 0; turn < turns; turn++) await setImmediate();
            await link.send(header, payload);
          });
          last.catch(() => {}); // The world has closed: a rank failed, and that is what the test says.
          return Promise.resolve();
        },
      };
    },
  };
}

/** Lamport's: a message's number is one more than that of any message its sender had received. */
class LogicalClock {
  readonly #at: number[];
  readonly #underWay = new Map<string, number[]>();
  steps = 0;

  constructor(size: number) {
    this.#at = Array.from({ length: size }, () => 0);
  }

  over(channel: PointToPoint): PointToPoint {
    const { rank, size } = channel;
    const count = (dest: number): void => {
      const number = this.#at[rank]! + 1;
      this.steps = Math.max(this.steps, number);
      this.#link(rank, dest).push(number);
    };
    return {
      rank,
      size,
      send(dest, bytes) {
        count(dest);
        return channel.send(dest, bytes);
      },
      lend(dest, bytes) {
        count(dest);
        return channel.lend(dest, bytes);
      },
      receive: async (source) => {
        const bytes = await channel.receive(source);
        const number = this.#link(source, rank).shift()!;
        this.#at[rank] = Math.max(this.#at[rank]!, number);
        return bytes;
      },
    };
  }

  #link(from: number, to: number): number[] {
    const key = `${from} ${to}`;
    const link = this.#underWay.get(key) ?? [];
    this.#underWay.set(key, link);
    return link;
  }
}

const sorted = (links: ReadonlyMap<string, Traffic>): Traffic[] =>
  [...links.values()].sort((a, b) => a.from - b.from || a.to - b.to);
