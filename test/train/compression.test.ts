import { join } from "node:path";
import { launch } from "../support/launch";

interface Trained {
  readonly first: number;
  readonly last: number;
  readonly weights: string;
}
type Compression = "none" | "fp16" | "bf16" | "int8";
type Report = Readonly<Record<Compression | "byFlag", Trained>> & {
  readonly throughNaN: readonly boolean[];
  readonly tooLarge: string;
  readonly unknown: string;
};

const COMPRESSED = ["fp16", "bf16", "int8"] as const;

describe("training with gradients compressed on the wire", () => {
  let report: Report;
  beforeAll(async () => {
    const { exitCode, lines } = await launch({
      args: [
        ...["-n", "3", "--transport", "ipc", "--engine", "cpu"],
        ...["--compression", "int8"],
        join(__dirname, "programs/compression.mts"),
      ],
    });
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(3);
    // Weights, losses and messages are the same on every rank.
    expect(new Set(lines).size).toBe(1);
    report = JSON.parse(lines[0]!) as Report;
  });

  test.each(COMPRESSED)("ends at the loss of exact gradients: %s", (name) => {
    const { none } = report;
    expect(none.last).toBeLessThan(none.first / 20);
    expect(report[name].last).toBeLessThan(1.02 * none.last);
  });

  test.each(COMPRESSED)("is not the same as without: %s", (name) =>
    expect(report[name].weights).not.toBe(report.none.weights),
  );

  test.each(COMPRESSED)("leaves the loss as it is: %s", (name) =>
    expect(report[name].first).toBe(report.none.first),
  );

  test("--compression is for whoever says nothing else", () =>
    expect(report.byFlag).toEqual(report.int8));

  test("goes on after a step with NaN", () =>
    expect(report.throughNaN).toEqual([true, true]));

  test("a sum that float16 cannot hold is an error with its cure", () =>
    expect(report.tooLarge).toContain(
      "the sum over ranks goes beyond what compression fp16 can hold",
    ));

  test("is advised against where ranks share memory, once", async () => {
    const { stderr, lines } = await launch({
      args: [
        ...["-n", "2", "--engine", "cpu", "--compression", "bf16"],
        join(__dirname, "programs/one-step.mts"),
      ],
    });
    expect(lines).toEqual(["1.5", "1.5"]);
    expect(stderr).toBe(
      "tsmpi warn [rank 0] compression bf16 is for networks, and all ranks share memory: it makes their gradients pass sockets, which is slower; leave it out\n",
    );
  });

  test("an unknown one is refused with those there are", () =>
    expect(report.unknown).toBe(
      "distribute: compression is zip, and must be one of none, bf16, fp16, int8",
    ));
});
