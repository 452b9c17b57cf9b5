import {
  type CallSignature,
  decodeHeader,
  encodeHeader,
  type FrameHeader,
  type FrameKind,
  HEADER_BYTES,
  NO_CALL,
  ProcessFailedError,
  RevokedError,
  TruncateError,
} from "@tsmpi/protocol";
import { randomBelow } from "../../../../test/support/random";
import { costOf, windowBytes } from "./credits";
import { EAGER_BYTES, MessageEndpoint } from "./endpoint";
import { ANY_SOURCE, ANY_TAG, type Wanted } from "./matching";
import { lengthOf, type PendingReceive, type Target } from "./message";
import type { Operation } from "./operation";

const CONTEXT = 5;
const KIB = 1024;
const PART_BYTES = 256 * KIB;
const call: CallSignature = {
  ...NO_CALL,
  dtype: 2,
};
const ANYTHING: Wanted = { source: ANY_SOURCE, tag: ANY_TAG };
/** Just above what travels at once. */
const LONG = EAGER_BYTES + 1;

const PATTERN = Uint8Array.from({ length: 4 << 20 }, (_, i) => i % 251);
/** Bytes that say which message they are of, up to 251; the first one is that number. */
const payload = (length: number, number = 0): Uint8Array =>
  PATTERN.slice(number % 251, (number % 251) + length);

interface Received {
  readonly source: number;
  readonly tag: number;
  readonly bytes: Uint8Array;
}

/** A receive of up to `capacity` bytes. */
const upTo = (capacity = Infinity): Target<Received> => ({
  open(header, length) {
    if (length > capacity) throw new TruncateError(`${length} > ${capacity}`);
    return new Uint8Array(length);
  },
  close: ({ source, tag }, bytes) => ({ source, tag, bytes }),
});

/** What of an operation is known. */
function stateOf(operation: Operation | PendingReceive): string {
  const { outcome } = operation;
  if (outcome === null) return "pending";
  return outcome.ok ? "done" : outcome.error.message;
}
function resultOf<Result>(operation: Operation<Result>): Result {
  const { outcome } = operation;
  if (outcome === null) throw new Error("is pending");
  if (!outcome.ok) throw outcome.error;
  return outcome.result;
}

/**
 * Ranks that are wired in memory. A frame travels when the test lets it: those of a pair in order, the pairs in any. Frames are
 * encoded, and wiped as soon as they have been delivered, as in the ring that they come from.
 */
class Wires {
  readonly ranks: readonly MessageEndpoint[];
  readonly #links = new Map<string, Uint8Array[]>();
  /** `0→1 eager`, as they were posted. */
  readonly posted: string[] = [];
  /** A message, or its announcement, arrives. */
  onArrival: (to: number, header: FrameHeader) => void = () => {};

  constructor(size: number) {
    const group = Array.from({ length: size }, (_, rank) => rank);
    this.ranks = group.map((rank) => {
      const endpoint = new MessageEndpoint({
        rank,
        size,
        post: (dest, header, body) => {
          const frame = new Uint8Array(HEADER_BYTES + body.byteLength);
          const payloadBytes = body.byteLength;
          encodeHeader(frame, { ...header, source: rank, payloadBytes });
          frame.set(body, HEADER_BYTES);
          this.#link(rank, dest).push(frame);
          this.posted.push(`${rank}→${dest} ${header.kind}`);
        },
      });
      endpoint.open(CONTEXT, group);
      return endpoint;
    });
  }

  #link(from: number, to: number): Uint8Array[] {
    const key = `${from} ${to}`;
    const link = this.#links.get(key) ?? [];
    this.#links.set(key, link);
    return link;
  }

  /** The next frame of a pair arrives; false if there is none. */
  step(from: number, to: number): boolean {
    const frame = this.#link(from, to).shift();
    if (frame === undefined) return false;
    const header = decodeHeader(frame)!;
    if (/^(eager|announced)/.test(header.kind)) this.onArrival(to, header);
    this.ranks[to]!.deliver(header, frame.subarray(HEADER_BYTES));
    frame.fill(0xee);
    return true;
  }

  /** Everything arrives, and what comes of it, in an order that `below` chooses. */
  settle(below: (limit: number) => number = () => 0): void {
    for (;;) {
      const busy = [...this.#links].filter(([, link]) => link.length > 0);
      if (busy.length === 0) return;
      const [key] = busy[below(busy.length)]!;
      const [from, to] = key.split(" ").map(Number);
      this.step(from!, to!);
    }
  }

  /** What was posted since the last call, with its number if it came several times. */
  frames(): string[] {
    const frames = new Map<string, number>();
    for (const frame of this.posted.splice(0))
      frames.set(frame, (frames.get(frame) ?? 0) + 1);
    return [...frames].map(([frame, count]) =>
      count === 1 ? frame : `${frame} ×${count}`,
    );
  }

  send(
    from: number,
    dest: number,
    bytes: Uint8Array,
    {
      tag = 0,
      synchronous = false,
      context = CONTEXT,
    }: { tag?: number; synchronous?: boolean; context?: number } = {},
  ): Operation<null> {
    return this.ranks[from]!.send({
      ...{ dest, context, tag, call, bytes, synchronous },
    });
  }

  receive(
    rank: number,
    wanted: Wanted = ANYTHING,
    target: Target<Received> = upTo(),
    context = CONTEXT,
  ): PendingReceive<Received> {
    return this.ranks[rank]!.receive(context, wanted, target);
  }
}

const expectBytes = (actual: Uint8Array, expected: Uint8Array): void => {
  expect(actual.byteLength).toBe(expected.byteLength);
  expect(Buffer.compare(actual, expected)).toBe(0);
};
const lost = (rank: number) => ({
  error: new ProcessFailedError(`rank ${rank} is lost`, [rank]),
  inOrder: false,
});
const left = (rank: number) => ({
  error: new ProcessFailedError(`rank ${rank} has left`, [rank]),
  inOrder: true,
});
const LENGTHS = [
  ...[0, 1, 1000, EAGER_BYTES, LONG, PART_BYTES, PART_BYTES + 1],
  ...[4 * PART_BYTES, 4 * PART_BYTES + 1, 11 * PART_BYTES - 1],
];

describe("A message", () => {
  it.each(
    LENGTHS.flatMap((length) =>
      [false, true].flatMap((synchronous) =>
        (["receive first", "message first"] as const).map(
          (order) => [length, synchronous ? "synchronous" : "", order] as const,
        ),
      ),
    ),
  )("of %i bytes arrives whole, %s, %s", (length, mode, order) => {
    const wires = new Wires(2);
    const bytes = payload(length);
    const options = { tag: 3, synchronous: mode === "synchronous" };
    let received: PendingReceive<Received> | null = null;
    if (order === "receive first") received = wires.receive(1);
    const sent = wires.send(0, 1, bytes, options);
    if (order === "message first") {
      wires.settle();
      received = wires.receive(1);
    }
    wires.settle();
    expect(stateOf(sent)).toBe("done");
    const message = resultOf(received!);
    expect(message).toMatchObject({ source: 0, tag: 3 });
    expectBytes(message.bytes, payload(length));
    expect(wires.ranks.map(({ heldMessages }) => heldMessages)).toEqual([0, 0]);
  });

  it.each([
    ["short", EAGER_BYTES, false, ["0→1 eager"]],
    ["short, synchronous", 8, true, ["0→1 eager-synchronous", "1→0 matched"]],
    ["long", LONG, false, ["0→1 announced", "1→0 requested", "0→1 part"]],
    [
      "long, synchronous",
      LONG,
      true,
      ["0→1 announced", "1→0 requested", "0→1 part"],
    ],
    [
      "of 6 parts",
      5 * PART_BYTES + 1,
      false,
      ["0→1 announced", "1→0 requested ×3", "0→1 part ×6"],
    ],
  ] as const)(
    "that is %s takes no frame too many",
    (_, length, synchronous, frames) => {
      const wires = new Wires(2);
      wires.receive(1);
      wires.send(0, 1, payload(length), { synchronous });
      wires.settle();
      expect(wires.frames()).toEqual(frames);
    },
  );

  it("that is short has been sent when it has been copied", () => {
    const wires = new Wires(2);
    const bytes = payload(100);
    expect(stateOf(wires.send(0, 1, bytes))).toBe("done");
    bytes.fill(0);
    wires.settle();
    expectBytes(resultOf(wires.receive(1)).bytes, payload(100));
  });

  it.each([
    ["long", LONG, false],
    ["synchronous", 1, true],
  ])(
    "that is %s has been sent only when a receive has met it",
    (_, length, synchronous) => {
      const wires = new Wires(2);
      const sent = wires.send(0, 1, payload(length), { synchronous });
      wires.settle();
      expect(stateOf(sent)).toBe("pending");
      expect(wires.ranks[0]!.heldMessages).toBe(1);
      wires.receive(1);
      wires.settle();
      expect(stateOf(sent)).toBe("done");
      expect(wires.ranks[0]!.heldMessages).toBe(0);
    },
  );

  it("that is long has no more than four parts under way at a time", () => {
    const wires = new Wires(2);
    wires.receive(1);
    wires.send(0, 1, payload(12 * PART_BYTES));
    let [requested, parts, most] = [0, 0, 0];
    const kinds = (): FrameKind[] =>
      wires.posted.splice(0).map((frame) => frame.split(" ")[1] as FrameKind);
    wires.step(0, 1);
    kinds();
    while (wires.step(1, 0) || wires.step(0, 1))
      for (const kind of kinds()) {
        if (kind === "requested") requested++;
        if (kind === "part") parts++;
        most = Math.max(most, parts - requested);
      }
    expect(parts).toBe(12);
    expect(most).toBeLessThanOrEqual(4);
  });

  it("to oneself arrives, whatever its length and whichever comes first", () => {
    for (const length of LENGTHS)
      for (const synchronous of [false, true]) {
        const wires = new Wires(2);
        const early = wires.receive(0, { source: 0, tag: 1 });
        const first = wires.send(0, 0, payload(length), {
          tag: 1,
          synchronous,
        });
        expect([stateOf(first), stateOf(early)]).toEqual(["done", "done"]);
        expectBytes(resultOf(early).bytes, payload(length));

        const bytes = payload(length, 1);
        const second = wires.send(0, 0, bytes, { tag: 2, synchronous });
        expect(stateOf(second)).toBe(synchronous ? "pending" : "done");
        bytes.fill(0);
        const late = wires.receive(0);
        expect(stateOf(second)).toBe("done");
        expect(resultOf(late)).toMatchObject({ source: 0, tag: 2 });
        expectBytes(resultOf(late).bytes, payload(length, 1));
        expect(wires.posted).toEqual([]);
      }
  });

  it("that is refused by its receive tells the sender, and the next one is received", () => {
    for (const length of [9, LONG])
      for (const synchronous of [false, true])
        for (const order of ["receive first", "message first"]) {
          const wires = new Wires(2);
          const post = () => wires.receive(1, ANYTHING, upTo(8));
          let received: PendingReceive<Received> | null = null;
          if (order === "receive first") received = post();
          const sent = wires.send(0, 1, payload(length), { synchronous });
          wires.settle();
          received ??= post();
          wires.settle();
          expect(stateOf(sent)).toBe("done");
          expect(received.outcome).toMatchObject({
            ok: false,
            error: { name: "TruncateError" },
          });
          const next = wires.receive(1, ANYTHING, upTo(8));
          wires.send(0, 1, payload(8));
          wires.settle();
          expect(stateOf(next)).toBe("done");
        }
  });

  it("that cannot be made sense of fails its receive alone", () => {
    for (const length of [4, LONG]) {
      const wires = new Wires(2);
      const broken: Target<Received> = {
        open: (_, bytes) => new Uint8Array(bytes),
        close() {
          throw new Error("makes no sense");
        },
      };
      const received = wires.receive(1, ANYTHING, broken);
      const sent = wires.send(0, 1, payload(length));
      wires.settle();
      expect([stateOf(sent), stateOf(received)]).toEqual([
        ...["done", "makes no sense"],
      ]);
    }
  });

  it("is kept for a communicator that its receiver has not got yet", () => {
    const wires = new Wires(2);
    const sent = wires.send(0, 1, payload(4), { context: 9 });
    wires.send(0, 1, payload(LONG), { context: 9 });
    wires.settle();
    expect(stateOf(sent)).toBe("done");
    wires.ranks[1]!.open(9, [0, 1]);
    const received = [0, 1].map(() =>
      wires.receive(1, { source: 0, tag: 0 }, upTo(), 9),
    );
    wires.settle();
    expectBytes(resultOf(received[0]!).bytes, payload(4));
    expectBytes(resultOf(received[1]!).bytes, payload(LONG));
  });

  it("is received in its own communicator alone", () => {
    const wires = new Wires(2);
    wires.send(0, 1, payload(1), { context: CONTEXT });
    wires.send(0, 1, payload(2), { context: -1 - CONTEXT });
    wires.settle();
    const other = wires.receive(1, ANYTHING, upTo(), -1 - CONTEXT);
    const own = wires.receive(1);
    expect(resultOf(other).bytes).toHaveLength(2);
    expect(resultOf(own).bytes).toHaveLength(1);
  });
});

describe("Messages", () => {
  // Kinds that travel in ways of their own, so that one could come before another.
  const KINDS: readonly (readonly [length: number, synchronous: boolean])[] = [
    [4, false],
    [4, true],
    [LONG, false],
    [LONG, true],
  ];

  it("of one pair and tag are received in the order they were sent, whatever they are", () => {
    for (let seed = 0; seed < 20; seed++) {
      const below = randomBelow(seed);
      const wires = new Wires(2);
      const count = 30;
      const received: PendingReceive<Received>[] = [];
      for (let i = 0; i < count; i++) {
        const [length, synchronous] = KINDS[below(KINDS.length)]!;
        wires.send(0, 1, payload(length, i), { synchronous });
        while (below(3) > 0) wires.step(below(2), below(2));
        if (below(2)) received.push(wires.receive(1));
      }
      while (received.length < count) received.push(wires.receive(1));
      wires.settle(below);
      received.forEach((receive, i) =>
        expect(resultOf(receive).bytes[0]).toBe(i),
      );
    }
  });

  it("meet receives in the order that those were posted, by whatever wildcards", () => {
    for (let seed = 0; seed < 20; seed++) {
      const below = randomBelow(seed);
      const wires = new Wires(2);
      const received = Array.from({ length: 30 }, () =>
        wires.receive(1, {
          source: below(2) ? 0 : ANY_SOURCE,
          tag: below(2) ? 7 : ANY_TAG,
        }),
      );
      received.forEach((_, i) => {
        const [length, synchronous] = KINDS[below(KINDS.length)]!;
        wires.send(0, 1, payload(length, i), { tag: 7, synchronous });
      });
      wires.settle(below);
      received.forEach((receive, i) =>
        expect(resultOf(receive).bytes[0]).toBe(i),
      );
    }
  });

  it("of other tags and sources overtake each other", () => {
    const wires = new Wires(3);
    wires.send(0, 2, payload(LONG, 1), { tag: 1 });
    wires.send(0, 2, payload(4, 2), { tag: 2 });
    wires.send(1, 2, payload(4, 3), { tag: 1 });
    wires.settle();
    const firstOf = (source: number, tag: number): number => {
      const receive = wires.receive(2, { source, tag });
      wires.settle();
      return resultOf(receive).bytes[0]!;
    };
    expect(firstOf(1, ANY_TAG)).toBe(3);
    expect(firstOf(ANY_SOURCE, 2)).toBe(2);
    expect(firstOf(ANY_SOURCE, ANY_TAG)).toBe(1);
  });
});

describe("Flow control", () => {
  it("announces what the receiver has no room for, and sends at once again when it has", () => {
    const wires = new Wires(2);
    const length = 10 * KIB;
    const fitting = Math.floor(windowBytes(2) / costOf(length));
    const count = fitting + 10;
    const sent = Array.from({ length: count }, (_, i) =>
      wires.send(0, 1, payload(length, i)),
    );
    wires.settle();
    expect(wires.frames()).toEqual([
      `0→1 eager ×${fitting}`,
      "0→1 announced ×10",
    ]);
    expect(sent.map(stateOf).filter((state) => state === "done")).toHaveLength(
      fitting,
    );
    for (let i = 0; i < count; i++) {
      const received = wires.receive(1);
      wires.settle();
      expectBytes(resultOf(received).bytes, payload(length, i));
    }
    expect(new Set(sent.map(stateOf))).toEqual(new Set(["done"]));
    const [credits] = wires.frames().filter((frame) => /credit/.test(frame));
    expect(credits).toMatch(/^1→0 credit ×[34]$/);
    wires.send(0, 1, payload(length));
    expect(wires.frames()).toEqual(["0→1 eager"]);
  });

  it("announces an empty message too if there is no room for its envelope", () => {
    const wires = new Wires(2);
    const count = Math.floor(windowBytes(2) / costOf(0)) + 1;
    const sent = Array.from({ length: count }, () =>
      wires.send(0, 1, payload(0)),
    );
    wires.settle();
    expect(wires.frames()).toEqual([
      `0→1 eager ×${count - 1}`,
      "0→1 announced",
    ]);
    expect(stateOf(sent.at(-1)!)).toBe("pending");
    const received = sent.map(() => resultOf(wires.receive(1)).bytes.length);
    expect(new Set(received)).toEqual(new Set([0]));
    wires.settle();
    expect(stateOf(sent.at(-1)!)).toBe("done");
  });

  it.each([100, 10 * KIB, EAGER_BYTES, LONG, 1 << 20])(
    "bounds what a receiver holds of messages of %i bytes that nobody receives",
    (length) => {
      const wires = new Wires(3);
      const bytes = payload(length);
      let held = 0;
      wires.onArrival = (_, { payloadBytes }) => (held += payloadBytes);
      for (let i = 0; i < 10_000; i++)
        for (const from of [0, 1]) {
          wires.send(from, 2, bytes);
          wires.step(from, 2);
        }
      expect(held).toBeLessThanOrEqual(2 * windowBytes(3));
      if (length <= EAGER_BYTES)
        expect(held).toBeGreaterThan(
          2 * windowBytes(3) * (length > 1000 ? 0.9 : 0.05),
        );
      else expect(held).toBe(0);
    },
  );

  it("never runs dry: whatever was not received in between, all of it arrives", () => {
    const wires = new Wires(2);
    for (let round = 0; round < 10; round++) {
      const lengths = Array.from(
        { length: 100 },
        (_, i) => (i * 997) % (70 * KIB),
      );
      for (const [i, length] of lengths.entries())
        wires.send(0, 1, payload(length), { tag: i, synchronous: i % 3 === 0 });
      const refused = wires.receive(1, { source: 0, tag: 2 }, upTo(1));
      const received = lengths.map((_, i) =>
        i === 2 ? null : wires.receive(1, { source: 0, tag: i }),
      );
      wires.settle();
      expect(stateOf(refused)).toMatch(/>/);
      expect(
        new Set(received.map((receive) => receive && stateOf(receive))),
      ).toEqual(new Set(["done", null]));
      expect(wires.ranks[0]!.heldMessages).toBe(0);
    }
    // All of the window but what the receiver owes.
    wires.frames();
    const length = 60 * KIB;
    for (
      let i = 0;
      i < Math.floor((0.74 * windowBytes(2)) / costOf(length));
      i++
    )
      wires.send(0, 1, payload(length));
    expect(wires.frames()).toEqual([expect.stringMatching(/^0→1 eager ×\d+$/)]);
  });
});

describe("MessageEndpoint.withdraw", () => {
  it("takes back a receive that nothing has met; its message goes to the next one", () => {
    const wires = new Wires(2);
    const [first, second] = [wires.receive(1), wires.receive(1)];
    expect(wires.ranks[1]!.postedReceives(CONTEXT)).toBe(2);
    expect(wires.ranks[1]!.withdraw(CONTEXT, first)).toBe(true);
    expect(wires.ranks[1]!.withdraw(CONTEXT, first)).toBe(false);
    expect(wires.ranks[1]!.postedReceives(CONTEXT)).toBe(1);
    wires.send(0, 1, payload(1));
    wires.settle();
    expect([stateOf(first), stateOf(second)]).toEqual(["pending", "done"]);
  });

  it.each([4, LONG])(
    "is too late for a message of %i bytes that has met the receive",
    (length) => {
      const wires = new Wires(2);
      const received = wires.receive(1);
      wires.send(0, 1, payload(length));
      wires.step(0, 1);
      expect(wires.ranks[1]!.withdraw(CONTEXT, received)).toBe(false);
      wires.settle();
      expect(stateOf(received)).toBe("done");
    },
  );
});

describe("MessageEndpoint.peek and take", () => {
  it.each([0, 4, LONG])("see a message of %i bytes", (length) => {
    const wires = new Wires(2);
    const [, one] = wires.ranks;
    expect(one!.peek(CONTEXT, ANYTHING)).toBeNull();
    expect(one!.take(CONTEXT, ANYTHING)).toBeNull();
    const sent = wires.send(0, 1, payload(length), {
      tag: 4,
      synchronous: true,
    });
    wires.settle();
    for (const wanted of [ANYTHING, { source: 0, tag: 4 }]) {
      const seen = one!.peek(CONTEXT, wanted)!;
      expect(seen.header).toMatchObject({ source: 0, tag: 4 });
      expect(lengthOf(seen)).toBe(length);
    }
    expect(one!.peek(CONTEXT, { source: 0, tag: 5 })).toBeNull();
    const taken = one!.take(CONTEXT, { source: 0, tag: 4 })!;
    expect(lengthOf(taken)).toBe(length);
    // Nobody else finds it, and it has not been received.
    expect(one!.peek(CONTEXT, ANYTHING)).toBeNull();
    wires.settle();
    expect(stateOf(sent)).toBe("pending");
    const received = one!.accept(taken, upTo());
    wires.settle();
    expect(stateOf(sent)).toBe("done");
    expectBytes(resultOf(received).bytes, payload(length));
  });

  it("do not see what has met a receive", () => {
    const wires = new Wires(2);
    wires.receive(1);
    wires.send(0, 1, payload(4));
    wires.settle();
    expect(wires.ranks[1]!.peek(CONTEXT, ANYTHING)).toBeNull();
  });

  it("raise when nothing will ever come, and only then", () => {
    const wires = new Wires(2);
    const [, one] = wires.ranks;
    wires.send(0, 1, payload(4));
    wires.settle();
    one!.failSource(0, lost(0));
    expect(one!.peek(CONTEXT, ANYTHING)).not.toBeNull();
    expect(one!.take(CONTEXT, { source: 0, tag: ANY_TAG })).not.toBeNull();
    for (const look of ["peek", "take"] as const)
      for (const wanted of [ANYTHING, { source: 0, tag: 1 }])
        expect(() => one![look](CONTEXT, wanted)).toThrow("rank 0 is lost");
  });

  it("accept may refuse, which tells the sender", () => {
    for (const length of [4, LONG]) {
      const wires = new Wires(2);
      const sent = wires.send(0, 1, payload(length), { synchronous: true });
      wires.settle();
      const taken = wires.ranks[1]!.take(CONTEXT, ANYTHING)!;
      const received = wires.ranks[1]!.accept(taken, upTo(1));
      wires.settle();
      expect(stateOf(received)).toBe(`${length} > 1`);
      expect(stateOf(sent)).toBe("done");
    }
  });
});

describe("MessageEndpoint.revoke", () => {
  it("fails all that is under way in this communicator, and all that is begun", () => {
    const wires = new Wires(3);
    const [, one] = wires.ranks;
    wires.ranks.forEach((rank) => rank.open(8, [0, 1, 2]));
    const other = wires.receive(1, ANYTHING, upTo(), 8);
    const posted = [ANYTHING, { source: 2, tag: 3 }].map((wanted) =>
      wires.receive(1, wanted),
    );
    const held = [
      wires.send(1, 2, payload(LONG)),
      wires.send(1, 2, payload(1), { synchronous: true }),
      wires.send(1, 1, payload(1), { synchronous: true, tag: 99 }),
    ];
    // The last one went to the first receive.
    expect([posted[0]!, held[2]!].map(stateOf)).toEqual(["done", "done"]);
    const incoming = wires.receive(1, { source: 0, tag: 0 });
    wires.send(0, 1, payload(LONG));
    wires.step(0, 1);
    expect(one!.isRevoked(CONTEXT)).toBe(false);
    one!.revoke(CONTEXT);
    one!.revoke(CONTEXT);
    expect(one!.isRevoked(CONTEXT)).toBe(true);
    const failed = [posted[1]!, held[0]!, held[1]!, incoming];
    for (const operation of failed)
      expect(operation.outcome).toMatchObject({
        error: { name: "RevokedError" },
      });
    expect(one!.heldMessages).toBe(0);
    expect(stateOf(wires.receive(1))).toBe("the communicator is revoked");
    expect(stateOf(wires.send(1, 0, payload(1)))).toBe(
      "the communicator is revoked",
    );
    expect(() => one!.peek(CONTEXT, { source: 0, tag: 9 })).toThrow(
      RevokedError,
    );

    wires.settle();
    expect(stateOf(other)).toBe("pending");
    wires.send(0, 1, payload(3), { context: 8 });
    wires.settle();
    expect(resultOf(other).bytes).toHaveLength(3);
  });

  it("comes as a frame too, also for a communicator that is not there yet", () => {
    const wires = new Wires(2);
    const header = {
      ...({ kind: "revoked", source: 0, context: 8, tag: 0, call } as const),
      ...{ message: 0, payloadBytes: 0, extent: 0 },
    };
    wires.ranks[1]!.deliver(header, new Uint8Array(0));
    wires.ranks[1]!.open(8, [0, 1]);
    expect(wires.ranks[1]!.isRevoked(8)).toBe(true);
    expect(stateOf(wires.receive(1, ANYTHING, upTo(), 8))).toBe(
      "the communicator is revoked",
    );
  });

  it("fails a message that a matched probe has found: its sender has it no more", () => {
    for (const length of [4, LONG]) {
      const wires = new Wires(2);
      wires.send(0, 1, payload(length));
      wires.settle();
      const taken = wires.ranks[1]!.take(CONTEXT, ANYTHING)!;
      for (const rank of wires.ranks) rank.revoke(CONTEXT);
      const received = wires.ranks[1]!.accept(taken, upTo());
      wires.settle();
      expect(stateOf(received)).toBe("the communicator is revoked");
    }
  });
});

describe("MessageEndpoint.failSource", () => {
  it("fails what waits for this rank, and nothing else", () => {
    const wires = new Wires(3);
    const [zero] = wires.ranks;
    const fromOne = wires.receive(0, { source: 1, tag: ANY_TAG });
    const fromTwo = wires.receive(0, { source: 2, tag: ANY_TAG });
    const toOne = [
      wires.send(0, 1, payload(LONG)),
      wires.send(0, 1, payload(1), { synchronous: true }),
    ];
    const toTwo = wires.send(0, 2, payload(LONG));
    const incoming = wires.receive(0, { source: 1, tag: 5 });
    // Has met the first receive of the two.
    wires.send(1, 0, payload(LONG), { tag: 5 });
    wires.step(1, 0);
    zero!.failSource(1, lost(1));
    zero!.failSource(1, left(1));
    for (const operation of [fromOne, incoming, ...toOne])
      expect(stateOf(operation)).toBe("rank 1 is lost");
    for (const operation of [fromTwo, toTwo])
      expect(stateOf(operation)).toBe("pending");
    expect(zero!.heldMessages).toBe(1);
    expect(zero!.failedRanks).toEqual([1]);
    wires.receive(2);
    wires.send(2, 0, payload(1));
    wires.settle();
    expect([stateOf(fromTwo), stateOf(toTwo)]).toEqual(["done", "done"]);
  });

  it("still gives out what has arrived from it, but not what is still there", () => {
    const wires = new Wires(2);
    wires.send(0, 1, payload(4), { tag: 1 });
    wires.send(0, 1, payload(LONG), { tag: 2 });
    wires.settle();
    wires.ranks[1]!.failSource(0, lost(0));
    expect(stateOf(wires.receive(1, { source: 0, tag: 1 }))).toBe("done");
    for (const tag of [2, 3])
      expect(stateOf(wires.receive(1, { source: 0, tag }))).toBe(
        "rank 0 is lost",
      );
  });

  it("fails what is sent to it; a message that need not be received vanishes if it has left", () => {
    const wires = new Wires(3);
    const [zero] = wires.ranks;
    zero!.failSource(1, lost(1));
    zero!.failSource(2, left(2));
    for (const length of [1, LONG]) {
      expect(stateOf(wires.send(0, 1, payload(length)))).toBe("rank 1 is lost");
      expect(stateOf(wires.send(0, 2, payload(length)))).toBe("done");
      expect(
        stateOf(wires.send(0, 2, payload(length), { synchronous: true })),
      ).toBe("rank 2 has left");
    }
    expect(wires.posted).toEqual([]);
    expect(zero!.heldMessages).toBe(0);
  });

  it("answers nobody who is gone", () => {
    const wires = new Wires(2);
    wires.send(0, 1, payload(4), { synchronous: true });
    wires.settle();
    wires.ranks[1]!.failSource(0, lost(0));
    wires.frames();
    expect(stateOf(wires.receive(1))).toBe("done");
    expect(wires.frames()).toEqual([]);
  });

  it("fails receives from any source at once: it might have been the one", () => {
    const wires = new Wires(3);
    const posted = wires.receive(0);
    wires.ranks[0]!.failSource(1, lost(1));
    expect(stateOf(posted)).toBe("rank 1 is lost");
    expect(stateOf(wires.receive(0))).toBe("rank 1 is lost");
  });

  it("leaves receives from any source alone of which it has been told that it does not matter", () => {
    const wires = new Wires(3);
    const [zero] = wires.ranks;
    zero!.failSource(1, lost(1));
    zero!.acknowledge(CONTEXT, [1]);
    expect(zero!.acknowledged(CONTEXT)).toEqual([1]);
    const received = wires.receive(0);
    wires.send(2, 0, payload(1));
    wires.settle();
    expect(resultOf(received).source).toBe(2);
    // It holds for this communicator, and for this rank.
    zero!.open(8, [0, 1, 2]);
    expect(stateOf(wires.receive(0, ANYTHING, upTo(), 8))).toBe(
      "rank 1 is lost",
    );
    const next = wires.receive(0);
    zero!.failSource(2, lost(2));
    expect(stateOf(next)).toBe("rank 2 is lost");
  });

  it("does not disturb who only looks, if it has ended in good order", () => {
    const wires = new Wires(2);
    const zero = wires.ranks[0]!;
    zero.failSource(1, left(1));
    for (const source of [1, ANY_SOURCE]) {
      const wanted = { source, tag: ANY_TAG };
      expect(zero.peek(CONTEXT, wanted)).toBeNull();
      expect(zero.take(CONTEXT, wanted)).toBeNull();
      expect(() => zero.peek(CONTEXT, wanted, { waits: true })).toThrow(
        "rank 1",
      );
    }
  });

  it("disturbs who looks, if it has failed", () => {
    const wires = new Wires(2);
    const zero = wires.ranks[0]!;
    zero.failSource(1, lost(1));
    expect(() => zero.peek(CONTEXT, ANYTHING)).toThrow(ProcessFailedError);
  });

  it("fails receives from any source only when the last one has left in good order", () => {
    const wires = new Wires(3);
    const received = wires.receive(0);
    wires.ranks[0]!.failSource(1, left(1));
    expect(stateOf(received)).toBe("pending");
    wires.ranks[0]!.failSource(2, left(2));
    expect(stateOf(received)).toBe("rank 1 has left");
    expect(stateOf(wires.receive(0))).toBe("rank 1 has left");
    expect(wires.ranks[0]!.failedRanks).toEqual([]);
  });

  it("leaves communicators alone that the rank is not in", () => {
    const wires = new Wires(3);
    wires.ranks.forEach((rank) => rank.open(8, [0, 2]));
    const received = wires.receive(0, ANYTHING, upTo(), 8);
    wires.ranks[0]!.failSource(1, lost(1));
    expect(stateOf(received)).toBe("pending");
    wires.send(2, 0, payload(1), { context: 8 });
    wires.settle();
    expect(stateOf(received)).toBe("done");
  });

  it("holds for communicators that are made afterwards", () => {
    const wires = new Wires(2);
    wires.ranks[0]!.failSource(1, lost(1));
    wires.ranks[0]!.open(8, [0, 1]);
    for (const source of [1, ANY_SOURCE])
      expect(stateOf(wires.receive(0, { source, tag: 0 }, upTo(), 8))).toBe(
        "rank 1 is lost",
      );
  });

  it("leaves a rank alone that waits for itself in a world of one", () => {
    const wires = new Wires(1);
    const received = wires.receive(0);
    wires.send(0, 0, payload(2));
    expect(stateOf(received)).toBe("done");
  });
});

describe("MessageEndpoint.leave", () => {
  const ENDED = "rank 0 has ended its program";

  it("tells nobody anything if all has been received", () => {
    const wires = new Wires(3);
    wires.receive(1);
    wires.send(0, 1, payload(LONG));
    wires.settle();
    wires.frames();
    wires.ranks[0]!.leave();
    expect(wires.frames()).toEqual([]);
  });

  it("leaves to the others what was announced, and tells them that no more comes", () => {
    const wires = new Wires(3);
    wires.send(0, 1, payload(LONG), { tag: 1 });
    wires.send(0, 1, payload(LONG, 1), { tag: 1 });
    wires.ranks[0]!.leave();
    const other = wires.receive(1, { source: 0, tag: 2 });
    wires.settle();
    expect(stateOf(other)).toBe(ENDED);
    expect(wires.ranks[0]!.heldMessages).toBe(2);
    for (const seed of [0, 1]) {
      const received = wires.receive(1, { source: 0, tag: ANY_TAG });
      wires.settle();
      expectBytes(resultOf(received).bytes, payload(LONG, seed));
    }
    expect(wires.ranks[0]!.heldMessages).toBe(0);
    expect(stateOf(wires.receive(1, { source: 0, tag: 1 }))).toBe(ENDED);
    // Rank 2 may still send something.
    expect(stateOf(wires.receive(1))).toBe("pending");
  });

  it("tells those too that are waited for by whoever is to receive what is left", () => {
    const wires = new Wires(3);
    wires.send(0, 1, payload(LONG));
    // Rank 1 receives only when it has heard of rank 2, which waits for rank 0.
    const waiting = wires.receive(2, { source: 0, tag: 0 });
    wires.ranks[0]!.leave();
    wires.settle();
    expect(stateOf(waiting)).toBe(ENDED);
  });

  it("tells nobody who is gone", () => {
    const wires = new Wires(3);
    wires.send(0, 1, payload(LONG));
    wires.ranks[0]!.failSource(2, left(2));
    wires.frames();
    wires.ranks[0]!.leave();
    expect(wires.frames()).toEqual(["0→1 leaving"]);
  });

  it("fails what it has sent to itself: nobody will ever receive it", () => {
    const wires = new Wires(2);
    const sent = wires.send(0, 0, payload(1), { synchronous: true });
    wires.ranks[0]!.leave();
    expect(stateOf(sent)).toBe("this rank's program has ended");
    expect(wires.ranks[0]!.heldMessages).toBe(0);
    expect(wires.frames()).toEqual([]);
  });

  it("lets two go that both hold what the other will never receive", () => {
    const wires = new Wires(2);
    for (const rank of [0, 1]) {
      wires.send(rank, 1 - rank, payload(LONG));
      wires.send(rank, 1 - rank, payload(1), { synchronous: true });
    }
    wires.settle();
    for (const rank of wires.ranks) rank.leave();
    wires.settle();
    expect(wires.ranks.map(({ heldMessages }) => heldMessages)).toEqual([0, 0]);
  });

  it("fails what another sends to it that must be received", () => {
    const wires = new Wires(2);
    wires.send(0, 1, payload(LONG), { tag: 1 });
    const early = wires.send(1, 0, payload(LONG));
    wires.settle();
    wires.ranks[0]!.leave();
    wires.settle();
    expect(stateOf(early)).toBe(ENDED);
    expect(stateOf(wires.send(1, 0, payload(1), { synchronous: true }))).toBe(
      ENDED,
    );
    expect(stateOf(wires.send(1, 0, payload(1)))).toBe("done");
    // What it left behind is received all the same.
    const received = wires.receive(1, { source: 0, tag: 1 });
    wires.settle();
    expect(stateOf(received)).toBe("done");
  });

  it("goes on with what has met a receive of its before", () => {
    const wires = new Wires(2);
    wires.receive(0, { source: 1, tag: 0 });
    const sent = wires.send(1, 0, payload(12 * PART_BYTES));
    wires.send(0, 1, payload(LONG));
    wires.step(1, 0);
    wires.step(0, 1);
    wires.step(0, 1);
    wires.ranks[0]!.leave();
    wires.settle();
    expect(stateOf(sent)).toBe("done");
  });
});

describe("MessageEndpoint.free", () => {
  it("drops what still arrives, and gives back the room it took", () => {
    const wires = new Wires(2);
    const length = 32 * KIB;
    // Several windows full.
    for (let i = 0; i < 10; i++) {
      const context = 100 + i;
      wires.ranks.forEach((rank) => rank.open(context, [0, 1]));
      for (let message = 0; message < 50; message++) {
        if (message === 25) wires.ranks[1]!.free(context);
        wires.send(0, 1, payload(length), { context });
        wires.settle();
      }
    }
    expect(wires.frames().filter((frame) => /announced/.test(frame))).toEqual(
      [],
    );
  });

  it("lets receives end that are under way", () => {
    for (const length of [4, LONG]) {
      const wires = new Wires(2);
      const posted = wires.receive(1, { source: 0, tag: 1 });
      const met = wires.receive(1, { source: 0, tag: 2 });
      wires.send(0, 1, payload(length), { tag: 2 });
      wires.step(0, 1);
      wires.ranks[1]!.free(CONTEXT);
      wires.send(0, 1, payload(length), { tag: 1 });
      wires.settle();
      expect([stateOf(posted), stateOf(met)]).toEqual(["done", "done"]);
    }
  });

  it("lets receives of it fail whose source is lost", () => {
    const wires = new Wires(2);
    const posted = wires.receive(1, { source: 0, tag: 1 });
    wires.ranks[1]!.free(CONTEXT);
    wires.ranks[1]!.failSource(0, lost(0));
    expect(stateOf(posted)).toBe("rank 0 is lost");
  });
});

/** MPI's rules for matching, the slow way: what each receive of one rank is to get. */
class Model {
  readonly #unexpected: Envelope[] = [];
  readonly #posted: Posted[] = [];
  readonly met = new Map<PendingReceive<Received>, Envelope>();

  arrive(envelope: Envelope): void {
    const index = this.#posted.findIndex((posted) => matches(posted, envelope));
    if (index < 0) return void this.#unexpected.push(envelope);
    const [posted] = this.#posted.splice(index, 1);
    this.met.set(posted!.receive, envelope);
  }

  post(posted: Posted): void {
    const index = this.#unexpected.findIndex((message) =>
      matches(posted, message),
    );
    if (index < 0) return void this.#posted.push(posted);
    const [message] = this.#unexpected.splice(index, 1);
    this.met.set(posted.receive, message!);
  }

  withdraw(receive: PendingReceive<Received>): boolean {
    const index = this.#posted.findIndex(
      (posted) => posted.receive === receive,
    );
    if (index >= 0) this.#posted.splice(index, 1);
    return index >= 0;
  }

  get posted(): readonly Posted[] {
    return this.#posted;
  }
  get unexpected(): readonly Envelope[] {
    return this.#unexpected;
  }
}
interface Envelope {
  readonly source: number;
  readonly tag: number;
  readonly bytes: Uint8Array;
}
interface Posted {
  readonly wanted: Wanted;
  readonly receive: PendingReceive<Received>;
}
const matches = ({ wanted }: Posted, { source, tag }: Envelope): boolean =>
  (wanted.source === ANY_SOURCE || wanted.source === source) &&
  (wanted.tag === ANY_TAG || wanted.tag === tag);

describe("Random messages among three ranks", () => {
  const RANKS = [0, 1, 2];
  const TAGS = 3;

  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "are received as MPI says, run %i",
    (seed) => {
      const below = randomBelow(seed);
      const wires = new Wires(RANKS.length);
      const models = RANKS.map(() => new Model());
      /** By sender: the messages in the order that they were sent, which numbers them. */
      const sent = RANKS.map(() => [] as Envelope[]);
      const operations: Operation<null>[] = [];
      wires.onArrival = (to, { source, message }) =>
        models[to]!.arrive(sent[source]![message - 1]!);

      const send = (from: number, to: number, tag: number): void => {
        const length = [0, 1, 300, 40 * KIB, LONG, 3 * PART_BYTES][below(6)]!;
        const bytes = payload(length, operations.length);
        const envelope = { source: from, tag, bytes };
        sent[from]!.push(envelope);
        if (from === to) models[to]!.arrive(envelope);
        const synchronous = below(3) === 0;
        const given = bytes.slice();
        const operation = wires.send(from, to, given, { tag, synchronous });
        operations.push(operation);
        // From now on the bytes are the program's again.
        operation.listen(() => given.fill(0xdd));
      };
      const receive = (at: number, wanted: Wanted): void => {
        const posted = { wanted, receive: wires.receive(at, wanted) };
        models[at]!.post(posted);
      };
      const expectAgreement = (): void =>
        RANKS.forEach((rank) => {
          const { posted, unexpected } = models[rank]!;
          const endpoint = wires.ranks[rank]!;
          expect(endpoint.postedReceives(CONTEXT)).toBe(posted.length);
          const first = endpoint.peek(CONTEXT, ANYTHING);
          expect(first && [first.header.source, first.header.tag]).toEqual(
            unexpected[0] ? [unexpected[0].source, unexpected[0].tag] : null,
          );
        });

      for (let turn = 0; turn < 300; turn++) {
        const [at, peer] = [below(RANKS.length), below(RANKS.length)];
        if (below(5) < 2) send(at, peer, below(TAGS));
        if (below(5) < 2)
          receive(peer, {
            source: below(2) ? ANY_SOURCE : below(RANKS.length),
            tag: below(2) ? ANY_TAG : below(TAGS),
          });
        const { posted } = models[at]!;
        if (below(8) === 0 && posted.length > 0) {
          const victim = posted[below(posted.length)]!.receive;
          expect(wires.ranks[at]!.withdraw(CONTEXT, victim)).toBe(true);
          models[at]!.withdraw(victim);
        }
        while (below(10) < 7)
          wires.step(below(RANKS.length), below(RANKS.length));
      }
      wires.settle(below);
      expectAgreement();
      for (const at of RANKS)
        while (models[at]!.unexpected.length > 0) receive(at, ANYTHING);
      wires.settle(below);
      expectAgreement();

      for (const operation of operations)
        expect(stateOf(operation)).toBe("done");
      for (const { met } of models)
        for (const [received, { source, tag, bytes }] of met) {
          const result = resultOf(received);
          expect([result.source, result.tag]).toEqual([source, tag]);
          expectBytes(result.bytes, bytes);
        }
      const total = models.reduce((sum, { met }) => sum + met.size, 0);
      expect(total).toBe(operations.length);
    },
  );
});
