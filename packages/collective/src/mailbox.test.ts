import {
  errorToWire,
  type FrameHeader,
  type FrameKind,
  InternalError,
  MismatchError,
  pack,
  ProcessFailedError,
  RevokedError,
  type TsmpiError,
  NO_CALL,
} from "@tsmpi/protocol";
import type { CallListener } from "./call-inbox";
import { type ContextMailbox, Mailbox } from "./mailbox";

const call = { ...NO_CALL, collective: 7, count: -1 };
const header = (change: Partial<FrameHeader> = {}): FrameHeader => ({
  kind: "collective",
  source: 1,
  context: 0,
  tag: 0,
  call,
  message: 0,
  payloadBytes: 0,
  extent: 0,
  ...change,
});
const text = (words: string): Uint8Array => Buffer.from(words);
const failure = (error: TsmpiError): Uint8Array => pack(errorToWire(error));
const gone = (error: TsmpiError) => ({ error, inOrder: false });

/** What a call hears of its peers, as words. */
class Heard implements CallListener {
  readonly words: string[] = [];
  readonly isSame: () => boolean;

  constructor({ same = true } = {}) {
    this.isSame = () => same;
  }
  onMismatch(): void {
    this.words.push("mismatch");
  }
  onInquiry({ source }: FrameHeader): void {
    this.words.push(`inquiry of ${source}`);
  }
  onAnswer({ payload }: { payload: Uint8Array }): void {
    this.words.push(`answer ${String(payload)}`);
  }
  onReport({ payload }: { payload: Uint8Array }): void {
    this.words.push(`report ${String(payload)}`);
  }
}

/** Begins a call as a collective does. */
function begin(mailbox: ContextMailbox, number: number, heard = new Heard()) {
  const inbox = mailbox.begin(number);
  inbox.begin(heard);
  return inbox;
}

describe("Mailbox", () => {
  it("keeps what arrives for a call that has not begun here", async () => {
    const mailbox = new Mailbox();
    mailbox.deliver(header({ tag: 1 }), text("second"));
    mailbox.deliver(header({ tag: 0 }), text("first"));
    const first = begin(mailbox.context(0), 0);
    const second = begin(mailbox.context(0), 1);
    expect(String((await first.receive(1)).payload)).toBe("first");
    expect(String((await second.receive(1)).payload)).toBe("second");
  });

  it("keeps sources apart, and what each sent in order", async () => {
    const mailbox = new Mailbox();
    const inbox = begin(mailbox.context(0), 0);
    const early = inbox.receive(2);
    for (const [source, words] of [
      [1, "a"],
      [2, "b"],
      [1, "c"],
    ] as const)
      mailbox.deliver(header({ source }), text(words));
    expect(String((await early).payload)).toBe("b");
    expect(String((await inbox.receive(1)).payload)).toBe("a");
    expect(String((await inbox.receive(1)).payload)).toBe("c");
  });

  it("keeps communicators apart", async () => {
    const mailbox = new Mailbox();
    mailbox.deliver(header({ context: 5 }), text("five"));
    mailbox.deliver(header({ context: 4 }), text("four"));
    expect(
      String((await begin(mailbox.context(4), 0).receive(1)).payload),
    ).toBe("four");
    expect(
      String((await begin(mailbox.context(5), 0).receive(1)).payload),
    ).toBe("five");
  });

  it("says whom a call waits for", () => {
    const mailbox = new Mailbox();
    const inbox = begin(mailbox.context(0), 0);
    for (const source of [3, 1, 2])
      inbox.receive(source).catch(() => undefined);
    mailbox.deliver(header({ source: 1 }), text(""));
    expect(inbox.awaited).toEqual([3, 2]);
  });

  it("raises in the next call what failed elsewhere in one that went well here in shared memory", () => {
    const mailbox = new Mailbox();
    for (const [tag, error] of [
      [0, new ProcessFailedError("a rank is lost", [1])],
      [1, new InternalError("broken")],
      [5, new InternalError("still to come")],
    ] as const)
      mailbox.deliver(
        header({ kind: "collective-error", tag }),
        failure(error),
      );
    const context = mailbox.context(0);
    expect(begin(context, 3).failure?.message).toBe("broken");
    context.end(3, null);
    expect(begin(context, 4).failure).toBeNull();
    expect(begin(context, 5).failure?.message).toBe("still to come");
  });

  it("drops the stragglers of a call that failed here", () => {
    const mailbox = new Mailbox();
    const heard = new Heard({ same: false });
    begin(mailbox.context(0), 0, heard);
    mailbox.context(0).end(0, null);
    mailbox.deliver(header(), text("late"));
    mailbox.deliver(header({ kind: "collective-report" }), text("late"));
    mailbox.deliver(
      header({ kind: "collective-error" }),
      failure(new MismatchError("late")),
    );
    expect(heard.words).toEqual([]);
    expect(begin(mailbox.context(0), 1).failure).toBeNull();
  });

  it("lets a call that ended well here hear what shows too late that ranks disagree", () => {
    const mailbox = new Mailbox();
    const heard = new Heard({ same: false });
    begin(mailbox.context(0), 0, heard);
    mailbox.context(0).end(0, heard);
    for (const kind of [
      "collective",
      "collective-inquiry",
      "collective-answer",
      "collective-report",
    ] as const)
      mailbox.deliver(header({ kind }), text(kind));
    expect(heard.words).toEqual([
      "mismatch",
      "mismatch",
      "report collective-report",
    ]);
  });

  it("takes what comes too late for a call that ended well here, and is the same, for nothing, but answers who asks", () => {
    const mailbox = new Mailbox();
    const heard = new Heard();
    begin(mailbox.context(0), 0, heard);
    mailbox.context(0).end(0, heard);
    mailbox.deliver(header(), text("late"));
    expect(heard.words).toEqual([]);
    mailbox.deliver(header({ kind: "collective-inquiry" }), text(""));
    expect(heard.words).toEqual(["inquiry of 1"]);
  });

  it("remembers the latest 64 calls that ended well", () => {
    const mailbox = new Mailbox();
    const context = mailbox.context(0);
    const heard = Array.from({ length: 65 }, () => new Heard({ same: false }));
    heard.forEach((listener, number) => {
      begin(context, number, listener);
      context.end(number, listener);
    });
    heard.forEach((_, tag) => mailbox.deliver(header({ tag }), text("")));
    expect(heard.map(({ words }) => words.length)).toEqual([
      0,
      ...Array<number>(64).fill(1),
    ]);
  });

  it("forgets an error that leaves the communicator usable, of a call that ended well here", () => {
    const mailbox = new Mailbox();
    begin(mailbox.context(0), 0);
    mailbox.context(0).end(0, new Heard());
    mailbox.deliver(
      header({ kind: "collective-error" }),
      failure(new ProcessFailedError("gone", [1])),
    );
    expect(begin(mailbox.context(0), 1).failure).toBeNull();
  });

  it("raises any other error of a call that ended well here in the next one, once", () => {
    const mailbox = new Mailbox();
    begin(mailbox.context(0), 0);
    mailbox.context(0).end(0, new Heard());
    mailbox.deliver(
      header({ kind: "collective-error" }),
      failure(new MismatchError("other call")),
    );
    expect(begin(mailbox.context(0), 1).failure).toMatchObject({
      message: "other call",
    });
    expect(begin(mailbox.context(0), 2).failure).toBeNull();
  });

  it("raises an error of another rank in the call it is of, begun or not", async () => {
    const mailbox = new Mailbox();
    const first = begin(mailbox.context(0), 0);
    const waits = first.receive(2);
    for (const tag of [0, 2])
      mailbox.deliver(
        header({ kind: "collective-error", tag }),
        failure(new MismatchError(`in ${tag}`)),
      );
    await expect(waits).rejects.toThrow("in 0");
    expect(begin(mailbox.context(0), 1).failure).toBeNull();
    expect(begin(mailbox.context(0), 2).failure).toMatchObject({
      message: "in 2",
    });
  });

  it("fails a call with an InternalError if another rank's error cannot be read", async () => {
    for (const garbage of [new Uint8Array(0), text("garbage"), pack(null)]) {
      const mailbox = new Mailbox();
      const inbox = begin(mailbox.context(0), 0);
      mailbox.deliver(header({ kind: "collective-error" }), garbage);
      await expect(inbox.receive(1)).rejects.toThrow(InternalError);
    }
  });

  it("fails communicators that are made after a rank was lost", async () => {
    const mailbox = new Mailbox();
    mailbox.failSource(1, gone(new ProcessFailedError("gone", [1])));
    const inbox = begin(mailbox.context(3), 0);
    await expect(inbox.receive(1)).rejects.toThrow("gone");
    const other = inbox.receive(2);
    mailbox.deliver(header({ source: 2, context: 3 }), text("here"));
    expect(String((await other).payload)).toBe("here");
  });

  it("gives out what a rank sent before it was lost, and keeps the first reason", async () => {
    const mailbox = new Mailbox();
    const inbox = begin(mailbox.context(0), 0);
    mailbox.deliver(header(), text("last words"));
    for (const reason of ["gone", "gone again"])
      mailbox.failSource(1, gone(new ProcessFailedError(reason, [1])));
    await expect(begin(mailbox.context(1), 0).receive(1)).rejects.toThrow(
      /^gone$/,
    );
    expect(String((await inbox.receive(1)).payload)).toBe("last words");
    await expect(inbox.receive(1)).rejects.toThrow(/^gone$/);
  });

  it("drops all that is for a communicator that has been freed, and nothing else", () => {
    const mailbox = new Mailbox();
    const heard = [new Heard({ same: false }), new Heard({ same: false })];
    heard.forEach((listener, context) =>
      begin(mailbox.context(context), 0, listener),
    );
    mailbox.free(0);
    for (const context of [0, 1])
      mailbox.deliver(header({ context }), text(""));
    expect(heard.map(({ words }) => words)).toEqual([[], ["mismatch"]]);
    const again = new Heard({ same: false });
    begin(mailbox.context(0), 0, again);
    expect(again.words).toEqual([]);
  });

  it("has nothing to do with messages point to point", () => {
    const mailbox = new Mailbox();
    const heard = new Heard({ same: false });
    begin(mailbox.context(0), 0, heard);
    for (const kind of [
      "eager",
      "eager-synchronous",
      "announced",
      "requested",
      "part",
      "matched",
      "credit",
      "leaving",
    ] satisfies FrameKind[])
      mailbox.deliver(header({ kind }), text(""));
    expect(heard.words).toEqual([]);
  });
});

describe("ContextMailbox.deliver", () => {
  const KINDS = [
    ["collective-inquiry", "inquiry of 1"],
    ["collective-answer", "answer words"],
    ["collective-report", "report words"],
  ] as const;

  it.each(KINDS)("tells a call of a %s at once", (kind, expected) => {
    const heard = new Heard();
    const mailbox = new Mailbox();
    begin(mailbox.context(0), 0, heard);
    mailbox.deliver(header({ kind }), text("words"));
    expect(heard.words).toEqual([expected]);
  });

  it.each(KINDS)(
    "tells a call of a %s when it begins, if that came before",
    (kind, expected) => {
      const heard = new Heard();
      const mailbox = new Mailbox();
      mailbox.deliver(header({ kind }), text("words"));
      begin(mailbox.context(0), 0, heard);
      expect(heard.words).toEqual([expected]);
    },
  );

  it.each(["collective", "collective-inquiry"] as const)(
    "tells a call of a %s that is of another call, read or not",
    (kind) => {
      const heard = new Heard({ same: false });
      const mailbox = new Mailbox();
      mailbox.deliver(header({ kind }), text(""));
      const inbox = begin(mailbox.context(0), 0, heard);
      mailbox.deliver(header({ kind }), text(""));
      expect(heard.words).toEqual(["mismatch", "mismatch"]);
      inbox.receive(1).catch(() => undefined);
      expect(inbox.awaited).toEqual([1]);
    },
  );

  it("keeps of the inquiries of a rank that waits for long the last one alone, and of calls that are past none", () => {
    const mailbox = new Mailbox();
    const early: number[] = [];
    mailbox.context(0).onEarlyInquiry = ({ tag }) => void early.push(tag);
    const inquire = (source: number, tag: number): void =>
      mailbox.deliver(
        header({ kind: "collective-inquiry", source, tag }),
        text(""),
      );
    for (const tag of [0, 0, 0, 1, 1, 4]) inquire(1, tag);
    inquire(2, 2);
    for (let again = 0; again < 3; again++) inquire(3, 4);
    expect(early).toHaveLength(10);
    const heard = new Heard();
    begin(mailbox.context(0), 4, heard);
    expect(heard.words).toEqual(["inquiry of 1", "inquiry of 3"]);
    const later = new Heard();
    begin(mailbox.context(0), 5, later);
    expect(later.words).toEqual([]);
  });

  it("answers at once an inquiry for a call that has not begun here, and that alone", () => {
    const mailbox = new Mailbox();
    const early: string[] = [];
    mailbox.context(0).onEarlyInquiry = ({ source, tag }) =>
      void early.push(`${source} #${tag}`);
    begin(mailbox.context(0), 0);
    for (const [kind, tag] of [
      ["collective-inquiry", 0],
      ["collective-inquiry", 1],
      ["collective", 2],
      ["collective-inquiry", 3],
    ] as const)
      mailbox.deliver(header({ kind, tag, source: 2 }), text(""));
    expect(early).toEqual(["2 #1", "2 #3"]);
  });
});

describe("ContextMailbox.raise", () => {
  it("fails the calls that are under way, and no later one", () => {
    const context = new Mailbox().context(0);
    const [ended, ...underWay] = [0, 1, 2].map((number) =>
      begin(context, number),
    );
    context.end(0, null);
    context.raise(0, new MismatchError("too late"));
    expect(ended!.failure).toBeNull();
    for (const { failure: error } of underWay)
      expect(error).toMatchObject({ message: "too late" });
    expect(begin(context, 3).failure).toBeNull();
  });

  it("fails the next call if none is under way, with the first error, and no later one", () => {
    const mailbox = new Mailbox();
    const context = mailbox.context(0);
    // Has come, but this rank has not made the call.
    mailbox.deliver(header({ tag: 1 }), text(""));
    context.raise(0, new MismatchError("first"));
    context.raise(0, new MismatchError("second"));
    expect(begin(context, 0).failure).toMatchObject({ message: "first" });
    expect(begin(context, 1).failure).toBeNull();
  });

  it("has been done if a later call has failed because ranks differ", () => {
    const mailbox = new Mailbox();
    const context = mailbox.context(0);
    for (const number of [0, 1]) begin(context, number);
    context.end(0, new Heard());
    mailbox.deliver(
      header({ kind: "collective-error", tag: 1 }),
      failure(new MismatchError("in #0")),
    );
    context.end(1, null);
    context.raise(0, new MismatchError("in #0"));
    const next = begin(context, 2);
    expect(next.failure).toBeNull();
    context.raise(1, new MismatchError("in #1"));
    expect(next.failure).toMatchObject({ message: "in #1" });
  });
});

describe("ContextMailbox.revoke", () => {
  it("fails every call, under way or later, of this communicator", async () => {
    const mailbox = new Mailbox();
    const underWay = begin(mailbox.context(0), 0);
    const waits = underWay.receive(1);
    mailbox.deliver(header({ kind: "revoked" }), text(""));
    await expect(waits).rejects.toThrow(RevokedError);
    for (const number of [1, 2])
      expect(begin(mailbox.context(0), number).failure).toBeInstanceOf(
        RevokedError,
      );
    expect(begin(mailbox.context(1), 0).failure).toBeNull();
  });

  it("holds for a communicator that this rank makes only later", () => {
    const mailbox = new Mailbox();
    mailbox.deliver(header({ kind: "revoked", context: 9 }), text(""));
    expect(begin(mailbox.context(9), 0).failure).toBeInstanceOf(RevokedError);
  });
});
