import {
  errorToWire,
  type FrameHeader,
  InternalError,
  MismatchError,
  pack,
  ProcessFailedError,
} from "@tsmpi/protocol";
import { Mailbox } from "./mailbox";

const call = { collective: 7, dtype: 0, op: 0, root: null, count: -1 };
const header = (change: Partial<FrameHeader>): FrameHeader => ({
  kind: "collective",
  source: 1,
  context: 0,
  tag: 0,
  call,
  payloadBytes: 0,
  ...change,
});
const same = () => null;
const text = (words: string): Uint8Array => Buffer.from(words);

describe("Mailbox", () => {
  it("keeps what arrives for a call that has not begun here", async () => {
    const mailbox = new Mailbox(2);
    mailbox.deliver(header({ tag: 1 }), text("second"));
    mailbox.deliver(header({ tag: 0 }), text("first"));
    const first = mailbox.context(0).begin(0, same);
    const second = mailbox.context(0).begin(1, same);
    expect(String((await first.receive(1)).payload)).toBe("first");
    expect(String((await second.receive(1)).payload)).toBe("second");
  });

  it("keeps communicators apart", async () => {
    const mailbox = new Mailbox(2);
    mailbox.deliver(header({ context: 5 }), text("five"));
    mailbox.deliver(header({ context: 4 }), text("four"));
    expect(
      String((await mailbox.context(4).begin(0, same).receive(1)).payload),
    ).toBe("four");
    expect(
      String((await mailbox.context(5).begin(0, same).receive(1)).payload),
    ).toBe("five");
  });

  it("drops the stragglers of a call that failed here", () => {
    const mailbox = new Mailbox(2);
    mailbox.context(0).begin(0, () => new MismatchError("other"));
    mailbox.context(0).end(0, null);
    mailbox.deliver(header({}), text("late"));
    mailbox.deliver(
      header({ kind: "collective-error" }),
      pack(errorToWire(new MismatchError("late"))),
    );
    expect(mailbox.context(0).begin(1, same).failure).toBeNull();
  });

  it("raises in the next call what shows too late that ranks disagree", () => {
    const mailbox = new Mailbox(2);
    const told: string[] = [];
    mailbox.context(0).onLateMismatch = ({ source, tag }, error) =>
      told.push(`${source} #${tag}: ${error.message}`);
    mailbox.context(0).begin(0, same);
    mailbox.context(0).end(0, () => new MismatchError("other call"));
    mailbox.deliver(header({}), text("late"));
    expect(told).toEqual(["1 #0: other call"]);
    expect(mailbox.context(0).begin(1, same).failure).toMatchObject({
      message: "other call",
    });
    expect(mailbox.context(0).begin(2, same).failure).toBeNull();
  });

  it("forgets an error that leaves the communicator usable, of a call that ended well here", () => {
    const mailbox = new Mailbox(2);
    mailbox.context(0).begin(0, same);
    mailbox.context(0).end(0, same);
    mailbox.deliver(
      header({ kind: "collective-error" }),
      pack(errorToWire(new ProcessFailedError("gone", [1]))),
    );
    expect(mailbox.context(0).begin(1, same).failure).toBeNull();
  });

  it("fails a call with an InternalError if another rank's error cannot be read", async () => {
    for (const garbage of [new Uint8Array(0), text("garbage"), pack(null)]) {
      const mailbox = new Mailbox(2);
      const inbox = mailbox.context(0).begin(0, same);
      mailbox.deliver(header({ kind: "collective-error" }), garbage);
      await expect(inbox.receive(1)).rejects.toThrow(InternalError);
    }
  });

  it("fails communicators that are made after a rank was lost", async () => {
    const mailbox = new Mailbox(2);
    mailbox.failSource(1, {
      error: new ProcessFailedError("gone", [1]),
      inOrder: false,
    });
    await expect(mailbox.context(3).begin(0, same).receive(1)).rejects.toThrow(
      "gone",
    );
    await expect(
      mailbox.context(3).matching.receive({ source: 1, tag: 0 }),
    ).rejects.toThrow("gone");
  });
});
