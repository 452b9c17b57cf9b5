import { randomBelow } from "../../../../test/support/random";
import {
  ANY_SOURCE,
  ANY_TAG,
  type Envelope,
  PostedReceives,
  UnexpectedMessages,
  type Wanted,
} from "./matching";

const from = (source: number, tag: number): Envelope => ({ source, tag });
const ANYTHING: Wanted = { source: ANY_SOURCE, tag: ANY_TAG };
const KINDS: readonly (readonly [string, Wanted])[] = [
  ["source and tag", { source: 1, tag: 7 }],
  ["any source", { source: ANY_SOURCE, tag: 7 }],
  ["any tag", { source: 1, tag: ANY_TAG }],
  ["anything", ANYTHING],
];
/** The largest that there may be. */
const LAST_RANK = 65_535;
const LAST_TAG = 2 ** 31 - 1;

/** What is wanted, in MPI's words, the slow way. */
const matches = (wanted: Wanted, { source, tag }: Envelope): boolean =>
  (wanted.source === ANY_SOURCE || wanted.source === source) &&
  (wanted.tag === ANY_TAG || wanted.tag === tag);

/** Removes the first item for which `test` holds. */
function takeFirst<T>(list: T[], test: (item: T) => boolean): T | null {
  const index = list.findIndex(test);
  return index < 0 ? null : list.splice(index, 1)[0]!;
}

describe("UnexpectedMessages", () => {
  it.each(KINDS)("finds a message by %s, and no other one", (_, wanted) => {
    const messages = new UnexpectedMessages<string>();
    if (wanted.source !== ANY_SOURCE) messages.put(from(2, 7), "other source");
    if (wanted.tag !== ANY_TAG) messages.put(from(1, 8), "other tag");
    expect(messages.take(wanted)).toBeNull();
    messages.put(from(1, 7), "this");
    messages.put(from(1, 7), "the next one");
    expect(messages.peek(wanted)).toBe("this");
    expect(messages.take(wanted)).toBe("this");
    expect(messages.take(wanted)).toBe("the next one");
    expect(messages.take(wanted)).toBeNull();
  });

  it("keeps apart ranks and tags from end to end of what there may be", () => {
    const messages = new UnexpectedMessages<string>();
    const envelopes = [0, 1, LAST_RANK].flatMap((source) =>
      [0, 1, LAST_TAG].map((tag) => from(source, tag)),
    );
    for (const envelope of envelopes)
      messages.put(envelope, JSON.stringify(envelope));
    for (const envelope of envelopes.reverse())
      expect(messages.take(envelope)).toBe(JSON.stringify(envelope));
    expect(messages.peek(ANYTHING)).toBeNull();
  });

  it("does whatever a list that is searched from its front does", () => {
    const below = randomBelow(11);
    const messages = new UnexpectedMessages<number>();
    const list: { envelope: Envelope; number: number }[] = [];
    for (let number = 0; number < 20_000; number++) {
      const envelope = from(below(4), below(4));
      if (below(2)) {
        messages.put(envelope, number);
        list.push({ envelope, number });
      }
      const wanted = {
        source: below(2) ? below(4) : ANY_SOURCE,
        tag: below(2) ? below(4) : ANY_TAG,
      };
      const isWanted = (item: { envelope: Envelope }): boolean =>
        matches(wanted, item.envelope);
      same(messages.peek(wanted), list.find(isWanted)?.number ?? null);
      if (below(2))
        same(messages.take(wanted), takeFirst(list, isWanted)?.number ?? null);
    }
  });

  // What takes time for each message that waits would take minutes here.
  it.each(KINDS)(
    "gives 100,000 messages out by %s in order, in well under a second",
    (_, wanted) => {
      const COUNT = 100_000;
      const messages = new UnexpectedMessages<number>();
      const before = process.cpuUsage();
      for (let i = 0; i < COUNT; i++) {
        messages.put(from(1, 7), i);
        messages.put(from(3, 9), -1);
      }
      if (wanted.source === ANY_SOURCE || wanted.tag === ANY_TAG)
        for (let i = 0; i < COUNT; i++)
          same(messages.take({ source: 3, tag: 9 }), -1);
      for (let i = 0; i < COUNT; i++) same(messages.take(wanted), i);
      expect(messages.peek(wanted)).toBeNull();
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
    },
  );
});

describe("PostedReceives", () => {
  it.each(KINDS)("gives a receive by %s to a message", (_, wanted) => {
    const posted = new PostedReceives<string>();
    posted.post(wanted, "this");
    expect(posted.entries()).toMatchObject([{ wanted, receive: "this" }]);
    for (const other of [from(2, 8), from(1, 8), from(2, 7)])
      if (!matches(wanted, other)) expect(posted.take(other)).toBeNull();
    expect(posted.take(from(1, 7))).toBe("this");
    expect(posted.take(from(1, 7))).toBeNull();
    expect(posted.entries()).toEqual([]);
  });

  it("keeps the wildcard of a rank apart from the last tag of the rank before", () => {
    const posted = new PostedReceives<string>();
    posted.post({ source: 1, tag: ANY_TAG }, "of rank 1");
    expect(posted.take(from(0, LAST_TAG))).toBeNull();
    expect(posted.take(from(1, LAST_TAG))).toBe("of rank 1");
  });

  it("gives a message to the receive that was posted first, by whatever wildcards", () => {
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 0, 3, 1],
    ];
    for (const order of orders) {
      const posted = new PostedReceives<number>();
      for (const kind of order) posted.post(KINDS[kind]![1], kind);
      for (const kind of order) expect(posted.take(from(1, 7))).toBe(kind);
    }
  });

  it("gives a receive that is withdrawn to nobody", () => {
    const posted = new PostedReceives<string>();
    for (const name of ["a", "b", "c"]) posted.post(ANYTHING, name);
    expect(posted.withdraw("b")).toBe(true);
    expect(posted.withdraw("b")).toBe(false);
    expect(posted.take(from(0, 0))).toBe("a");
    expect(posted.withdraw("a")).toBe(false);
    expect(posted.take(from(0, 0))).toBe("c");
    expect(posted.take(from(0, 0))).toBeNull();
  });

  it("does whatever a list that is searched from its front does", () => {
    const below = randomBelow(12);
    const posted = new PostedReceives<number>();
    const list: { wanted: Wanted; number: number }[] = [];
    for (let number = 0; number < 20_000; number++) {
      const wanted = {
        source: below(2) ? below(4) : ANY_SOURCE,
        tag: below(2) ? below(4) : ANY_TAG,
      };
      if (below(2)) {
        posted.post(wanted, number);
        list.push({ wanted, number });
      }
      const envelope = from(below(4), below(4));
      if (below(2))
        same(
          posted.take(envelope),
          takeFirst(list, (item) => matches(item.wanted, envelope))?.number ??
            null,
        );
      const victim = below(number + 1);
      if (below(4) === 0)
        same(
          posted.withdraw(victim),
          takeFirst(list, (item) => item.number === victim) !== null,
        );
    }
    expect(posted.entries().map(({ receive }) => receive)).toEqual(
      list.map(({ number }) => number),
    );
  });

  it.each(KINDS)(
    "gives 100,000 receives by %s out in order, in well under a second",
    (_, wanted) => {
      const COUNT = 100_000;
      const posted = new PostedReceives<number>();
      const before = process.cpuUsage();
      for (let i = 0; i < COUNT; i++) posted.post(wanted, i);
      for (let i = 0; i < COUNT; i++) same(posted.take(from(1, 7)), i);
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
    },
  );
});

/** Without jest's `expect`, which would take most of the time here. */
function same<T extends number | boolean | null>(actual: T, expected: T): void {
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}`);
}
