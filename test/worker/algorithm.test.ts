import { join } from "node:path";
import { launch } from "../support/launch";

const PROGRAM = join(__dirname, "programs/algorithm.mts");
const IN_RANK_ORDER = [0, 0, 0];

describe("an all-reduce that is told its algorithm", () => {
  it.each(["auto", "ipc"])("uses it, over %s", async (transport) => {
    const { stdout, stderr, exitCode } = await launch({
      args: ["-n", "3", "--transport", transport, PROGRAM],
    });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const report = JSON.parse(stdout) as Record<string, unknown>;
    const { ring } = report;
    // Around a ring each block begins with another rank.
    expect([...(ring as number[])].sort()).not.toEqual(IN_RANK_ORDER);
    expect(report).toEqual({
      auto: transport === "auto" ? IN_RANK_ORDER : report["auto"],
      direct: report["auto"],
      ...{ ring, later: ring, afterwards: ring },
      gatherRoot: IN_RANK_ORDER,
      unknown: expect.stringMatching(
        /^ERR_UNKNOWN_NAME .*unknown allreduce algorithm "rong"; did you mean "ring"\?/,
      ) as unknown,
      differ: expect.stringMatching(
        /^ERR_MISMATCH the ranks differ/,
      ) as unknown,
    });
  });
});
