import { Activity } from "./activity";
import { signature } from "./call-signature";
import type { LastCall } from "./shared-segment/block";

/** At `seconds`, which the test sets. */
function activity({
  ...what
}: Pick<
  NonNullable<ConstructorParameters<typeof Activity>[0]>,
  "isMainAsleep" | "inSegments"
> = {}) {
  const clock = { seconds: 0 };
  const watched = new Activity({
    nowMs: () => clock.seconds * 1_000,
    ...what,
  });
  return { clock, watched };
}

function beginAndEnd(watched: Activity, text: string): void {
  const call = { text };
  watched.begin(call);
  watched.end(call);
}

describe("Activity.describe", () => {
  it("says that a rank has made no collective call yet", () => {
    const { watched } = activity();
    expect(watched.describe()).toBe(
      "is computing, and has made no collective call yet",
    );
  });

  it("says which collective a rank is in, and for how long", () => {
    const { clock, watched } = activity();
    clock.seconds = 10;
    watched.begin({ text: "allreduce(float32 × 1000, SUM) #412" });
    clock.seconds = 12.34;
    expect(watched.describe()).toBe(
      "is in allreduce(float32 × 1000, SUM) #412 since 2.3 s",
    );
  });

  it("says which of several it is in for longest, until that has ended", () => {
    const { clock, watched } = activity();
    const [first] = ["first", "second", "third"].map((text) => {
      clock.seconds++;
      const call = { text };
      watched.begin(call);
      return call;
    });
    expect(watched.describe()).toBe("is in first since 2.0 s");
    watched.end(first!);
    expect(watched.describe()).toBe("is in second since 1.0 s");
  });

  it("says of a rank that computes which collective was its last, and when it ended", () => {
    const { clock, watched } = activity();
    const call = { text: "barrier() #0" };
    watched.begin(call);
    clock.seconds = 3;
    watched.end(call);
    clock.seconds = 8;
    expect(watched.describe()).toBe(
      "is computing; its last collective, barrier() #0, ended 5.0 s ago",
    );
  });

  it("sees calls in shared memory, of which nobody tells it", () => {
    const last: LastCall[] = [];
    const { clock, watched } = activity({ inSegments: () => last });
    const call = signature({ name: "reduce", root: 1, count: 4, op: "SUM" });
    clock.seconds = 100;
    beginAndEnd(watched, "barrier() #0");
    clock.seconds = 110;
    last.push({ number: 7, call, isOver: true, ageMs: 2_500 });
    expect(watched.describe()).toBe(
      "is computing; its last collective, reduce(SUM, root 1) #7, ended 2.5 s ago",
    );
    last.push({ number: 8, call, isOver: false, ageMs: 300 });
    expect(watched.describe()).toBe("is in reduce(SUM, root 1) #8 since 0.3 s");
  });

  it("tells a rank that waits for a message from one that computes", () => {
    let asleep = true;
    const { watched } = activity({ isMainAsleep: () => asleep });
    expect(watched.describe()).toBe(
      "is blocked in a send, a receive or a probe, and has made no collective call yet",
    );
    beginAndEnd(watched, "barrier() #0");
    expect(watched.describe()).toBe(
      "is blocked in a send, a receive or a probe; its last collective, barrier() #0, ended 0.0 s ago",
    );
    asleep = false;
    expect(watched.describe()).toMatch(/^is computing; /);
  });
});
