import { type Asked, type Job, jobsOf, type Tools } from "./jobs.ts";
import { type Results, roundsOf } from "./results.ts";
import { RESULTS } from "./results.fixture.ts";

const ASKED: Asked = {
  measures: ["allreduce", "step", "hosts"],
  ranks: [2, 4],
  bytes: [4, 100e6],
  transports: ["shm", "tcp"],
  buffers: ["arena", "ordinary"],
};
const TOOLS: Tools = {
  ...{ tsrun: ["tsrun"], python: "py", openMpi: "/tmp/allreduce" },
  ...{ hasEngine: true, hasNetwork: true, isRoot: false },
};
const titles = (asked: Partial<Asked>, tools: Partial<Tools> = {}) =>
  jobsOf({ ...ASKED, ...asked }, { ...TOOLS, ...tools }).map(
    ({ title }) => title,
  );
const EMPTY: Results = {
  ...RESULTS,
  ...{ allreduceMs: [], samplesPerS: [], hostsMs: [] },
};

describe("the jobs of a round", () => {
  it("alternate ours and the peers, number of ranks by number of ranks", () => {
    expect(titles({ measures: ["allreduce"] })).toEqual(
      [2, 4].flatMap((ranks) =>
        [
          ...["tsmpi over shm", "openmpi over shm", "gloo over tcp"],
          ...["tsmpi over tcp", "openmpi over tcp"],
        ].map((who) => `all-reduce of ${ranks} ranks, ${who}`),
      ),
    );
    expect(titles({ measures: ["step"] })).toEqual(
      ["1 rank", "2 ranks", "4 ranks"].flatMap((ranks) =>
        ["tsmpi", "ddp"].map((who) => `training step of ${ranks}, ${who}`),
      ),
    );
  });

  it("leave out what is not there", () => {
    const all = titles({});
    const without = (tools: Partial<Tools>) =>
      all.filter((title) => !titles({}, tools).includes(title));
    expect(without({ python: null })).toEqual(
      all.filter((title) => /gloo|ddp/.test(title)),
    );
    expect(without({ openMpi: null })).toEqual(
      all.filter((title) => title.includes("openmpi")),
    );
    expect(without({ hasNetwork: false })).toEqual(
      ["tsmpi", "gloo"].map((who) => `all-reduce over 2 hosts, ${who}`),
    );
    expect(without({ hasEngine: false })).toEqual(
      all.filter((title) => title.includes("step")),
    );
  });

  it("give everybody the same sizes, warm-ups and runs, an odd number of them", () => {
    const sizes = jobsOf({ ...ASKED, measures: ["allreduce"] }, TOOLS).map(
      ({ command }) => command.slice(-ASKED.bytes.length),
    );
    expect(new Set(sizes.map((size) => size.join(" "))).size).toBe(1);
    for (const [i, size] of sizes[0]!.entries()) {
      const [bytes, warmUps, runs] = size.split(":").map(Number);
      expect(bytes).toBe(ASKED.bytes[i]);
      expect(warmUps).toBeGreaterThan(0);
      expect(runs! % 2).toBe(1);
    }
  });

  it("tell each program its transport", () => {
    const commands = jobsOf({ ...ASKED, ranks: [4] }, TOOLS).map(
      ({ command }) => command.join(" "),
    );
    expect(commands[0]).toMatch(
      /^tsrun -n 4 --transport shm bench\/\S+\.ts arena,ordinary 4:/,
    );
    expect(commands[1]).toMatch(
      /^mpirun --oversubscribe -n 4 \/tmp\/allreduce 4:/,
    );
    expect(commands[4]).toMatch(
      /^mpirun --oversubscribe --mca btl self,tcp -n 4 /,
    );
    expect(
      jobsOf(ASKED, { ...TOOLS, isRoot: true })[1]!.command.slice(0, 2),
    ).toEqual(["mpirun", "--allow-run-as-root"]);
  });

  it("read what their programs print", () => {
    const jobs = jobsOf(ASKED, TOOLS);
    const read = (title: string, line: object): Results =>
      (jobs.find((job: Job) => job.title === title) as Job).read(
        EMPTY,
        JSON.stringify(line),
      );
    const { allreduceMs } = read("all-reduce of 4 ranks, openmpi over tcp", {
      ...{ bytes: 100e6, buffers: "ordinary", medianMs: 1.23456789 },
    });
    expect(
      roundsOf(allreduceMs, {
        ...{ peer: "openmpi", transport: "tcp", buffers: "ordinary" },
        ...{ ranks: 4, bytes: 100e6 },
      }),
    ).toEqual([1.2346]);
    const { samplesPerS } = read("training step of 2 ranks, ddp", {
      ...{ model: "mlp", ranks: 2, msPerStep: 9.6, samplesPerS: 13400 },
    });
    expect(samplesPerS).toEqual([
      { peer: "ddp", model: "mlp", ranks: 2, rounds: [13400] },
    ]);
  });
});
