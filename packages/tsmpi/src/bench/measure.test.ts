import type { Intracomm } from "@tsmpi/worker";
import { measure } from "./measure";

/** A rank that is alone, whose calls do nothing. */
const world = { rank: 0, Barrier() {}, Allreduce() {} } as unknown as Intracomm;
const rounds = { warmup: 2, iterations: 3, title: "bcast of 4 bytes" };

describe("measure", () => {
  it("runs all ways in turns, and keeps the times of what is no warm-up", () => {
    const ran: Intracomm[] = [];
    const [a, b] = [{} as Intracomm, {} as Intracomm];
    const times = measure(
      world,
      { buffers: [], run: (comm) => void ran.push(comm) },
      [
        { algorithm: "binomial", comm: a, compression: null },
        { algorithm: "chain", comm: b, compression: null },
      ],
      rounds,
    );
    expect(ran).toEqual(Array(5).fill([a, b]).flat());
    expect(times.map(({ length }) => length)).toEqual([3, 3]);
  });

  it("lets a compressed result differ by as much as it may, and no other", () => {
    const buffer = new Float32Array(1);
    const after = Float32Array.of(3);
    const run = () => void (buffer[0] = 3.25);
    const runs = (compression: "int8" | null, mostError: number) => () =>
      measure(
        world,
        {
          buffers: [{ buffer, before: null, after }],
          ...{ run, mostError: () => mostError },
        },
        [{ algorithm: "compressed", comm: world, compression }],
        rounds,
      );
    expect(runs("int8", 0.25)).not.toThrow();
    expect(runs("int8", 0.24)).toThrow(
      "bcast of 4 bytes by int8, run 0: element 0 of 1 is 3.25, and should be 3",
    );
    expect(runs(null, 9)).toThrow("by compressed, run 0");
  });

  it("ends with an error that names size and algorithm when a result is wrong", () => {
    const buffer = new Int32Array(1);
    const after = Int32Array.of(3);
    let runs = 0;
    const run = (): void => void (buffer[0] = ++runs < 4 ? 3 : 4);
    expect(() =>
      measure(
        world,
        { buffers: [{ buffer, before: null, after }], run },
        [{ algorithm: "chain", comm: world, compression: null }],
        rounds,
      ),
    ).toThrow(
      "[rank 0] bcast of 4 bytes by chain, run 3: element 0 of 1 is 4, and should be 3",
    );
  });
});
