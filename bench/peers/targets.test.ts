import { type Allreduce, BUFFERS, TRANSPORTS } from "./results.ts";
import { RESULTS, ROUNDS, samplesOf, timeOf } from "./results.fixture.ts";
import { TARGETS } from "./targets.ts";

const BYTES = { "4 B": 4, "1 MiB": 2 ** 20, "25 MB": 25e6, "100 MB": 100e6 };

/** What a target's words say that it is, in a round that is so much slower than the first. */
function ratioOf(what: string, ranks: number, slow: number): number {
  // The wire is as fast in every round.
  if (what.includes("the wire's")) return (slow * 900) / 800;
  if (what.includes("2 hosts")) return 900 / 1_250;
  const model = /^(mlp|cnn) step/.exec(what)?.[1];
  if (model !== undefined) {
    const ours = samplesOf({ peer: "tsmpi", model, ranks });
    const ddp = samplesOf({ peer: "ddp", model, ranks });
    const alone = samplesOf({ peer: "tsmpi", model, ranks: 1 });
    return ours / (what.endsWith("PyTorch DDP's") ? ddp : ranks * alone);
  }
  const [size, buffers, ratio] = what.split(", ");
  const transport = TRANSPORTS.find((name) => ratio!.startsWith(name))!;
  const call = {
    ...{ transport, ranks, bytes: BYTES[size as keyof typeof BYTES] },
    buffers: BUFFERS.find((name) => name === buffers)!,
  };
  const peer: Allreduce = ratio!.endsWith("Gloo")
    ? { ...call, peer: "gloo", transport: "tcp", buffers: "ordinary" }
    : { ...call, peer: "openmpi", buffers: "ordinary" };
  return timeOf({ ...call, peer: "tsmpi" }) / timeOf(peer);
}

describe("targets", () => {
  it.each(
    TARGETS.flatMap((target) =>
      Object.keys(target.limits).map(
        (n) => [target.what, Number(n), target] as const,
      ),
    ),
  )(
    "of %s, %i ranks, take what their words say, round by round",
    (what, ranks, target) => {
      const found = target.ratios(RESULTS, ranks);
      expect(found).toHaveLength(ROUNDS.length);
      for (const [round, ratio] of found.entries())
        expect(ratio).toBeCloseTo(ratioOf(what, ranks, ROUNDS[round]!), 12);
    },
  );

  it("have samples a second to be great and times to be small", () => {
    for (const { what, better } of TARGETS)
      expect(better).toBe(what.includes("samples/s") ? "higher" : "lower");
  });
});
