import { MismatchError, pack } from "@tsmpi/protocol";
import { decodeReport, Dispute, encodeReport, type Report } from "./dispute";

const report = (call: string, site: string | null = null): Report => ({
  call,
  site,
});

describe("decodeReport", () => {
  it.each([report("barrier()", "a.ts:1:2"), report("barrier()")])(
    "reads what encodeReport wrote: %j",
    (written) => {
      expect(decodeReport(encodeReport(written))).toEqual(written);
    },
  );

  it.each([
    ["nothing", new Uint8Array(0)],
    ["garbage", Buffer.from("garbage")],
    ["null", pack(null)],
    ["another message", pack({ site: "a.ts" })],
    ["a call that is no text", pack({ call: 1, site: null })],
  ])("takes %s for no report", (_, bytes) => {
    expect(decodeReport(bytes)).toBeNull();
  });

  it("leaves away a place that is no text", () => {
    expect(decodeReport(pack({ call: "barrier()", site: 7 }))).toEqual(
      report("barrier()"),
    );
  });
});

describe("Dispute", () => {
  it("is complete when every rank has said what it calls, however often", () => {
    const dispute = new Dispute(3);
    for (const rank of [2, 0, 2]) dispute.add(rank, report("barrier()"));
    expect(dispute.isComplete).toBe(false);
    dispute.add(1, report("allgather()"));
    expect(dispute.isComplete).toBe(true);
  });

  it("lists what each rank says, in the order of ranks; who says the same shares a line", () => {
    const dispute = new Dispute(6);
    dispute.add(5, report("barrier()", "a.ts:1:1"));
    dispute.add(4, report("allgather()", "a.ts:1:1"));
    dispute.add(0, report("barrier()", "a.ts:1:1"));
    dispute.add(1, report("barrier()"));
    const error = dispute.conclude(7);
    expect(error).toBeInstanceOf(MismatchError);
    expect(error.message).toBe(
      [
        "the ranks differ in collective #7; every rank must make the same calls in the same order",
        "  ranks 0, 5: barrier() at a.ts:1:1",
        "  rank 1: barrier()",
        "  ranks 2, 3: have not made this call",
        "  rank 4: allgather() at a.ts:1:1",
      ].join("\n"),
    );
  });
});
