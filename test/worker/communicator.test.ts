import { runByHand } from "../support/ranks-by-hand";

const fine = { exitCode: 0, signal: null, stdout: "ok\n", stderr: "" };

describe("The communicator", () => {
  it.each([
    ["inproc", 1],
    ["ipc", 2],
    ["ipc", 4],
    ["tcp", 3],
  ])(
    "keeps mpi4py's meaning in every call, over %s with %i ranks",
    async (transport, size) => {
      const ends = await runByHand({
        program: "calls.js",
        size,
        env: { TSMPI_TRANSPORT: transport },
      });
      expect(ends).toEqual(Array.from({ length: size }, () => fine));
    },
  );

  it.each(["ring", "gather-root"])(
    "keeps it with --allreduce %s",
    async (allreduce) => {
      const ends = await runByHand({
        program: "calls.js",
        size: 3,
        env: { TSMPI_ALLREDUCE: allreduce },
      });
      expect(ends).toEqual([fine, fine, fine]);
    },
  );

  it("raises on every rank when one broadcasts a function, and names the path", async () => {
    const ends = await runByHand({
      program: "act.js",
      args: ["bcast-function"],
      size: 3,
    });
    const refusal = "value.layers[0] is a function";
    expect(ends[0]!.stdout).toContain(`ERR_SERIALIZE ${refusal}`);
    for (const { stdout } of ends.slice(1))
      expect(stdout).toContain(`ERR_SERIALIZE [rank 0] bcast: ${refusal}`);
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  });

  it.each([
    ["gather-root", "[0,0,0]"],
    ["ring", "[0,1,0]"],
  ])(
    "uses the algorithm that its info asks for, and so do its duplicates: %s",
    async (name, sum) => {
      const args = ["sum-in-order", name];
      for (const { stdout, stderr } of await runByHand({
        ...{ program: "act.js", args, size: 3 },
      }))
        expect({ stdout, stderr }).toEqual({
          stdout: `value {"sum":${sum},"hint":"${name}"}\n`,
          stderr: "",
        });
    },
  );

  it("raises on every rank when one asks for an algorithm that there is not, or for another one than the others", async () => {
    for (const { stdout } of await runByHand({
      ...{ program: "act.js", args: ["sum-in-order", "rimg"], size: 3 },
    }))
      expect(stdout).toMatch(/^ERR_INFO_VALUE .* did you mean "ring"\?/);
    for (const { stdout } of await runByHand({
      ...{ program: "act.js", args: ["hints-differ"], size: 3 },
    }))
      expect(stdout).toBe(
        'ERR_INFO_VALUE the ranks ask for different algorithms: rank 0 for {}, rank 2 for {"bcast":"chain"}\n',
      );
  });

  it("raises on every rank when one scatters a list of the wrong length", async () => {
    const ends = await runByHand({
      program: "act.js",
      args: ["scatter-short"],
      size: 3,
    });
    const refusal = "expecting 3 items, got 2\n";
    const told = `ERR_ARG [rank 0] scatter: ${refusal}`;
    expect(ends.map(({ stdout }) => stdout)).toEqual([
      `ERR_ARG ${refusal}`,
      told,
      told,
    ]);
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  });
});

describe("A rank that ends in good order", () => {
  it.each(["allreduce", "allgather", "barrier"])(
    "makes those raise that wait for it in %s, and is named",
    async (call) => {
      const [zero, one, two] = await runByHand({
        program: "act.js",
        args: ["leave-early", call],
        size: 3,
      });
      expect(one).toMatchObject({ exitCode: 0, stdout: "" });
      for (const end of [zero!, two!]) {
        expect(end.stdout).toMatch(
          /^ERR_PROC_FAILED rank 1 \(.+, pid \d+\) has ended its program while rank \d waits for it/,
        );
        expect(end.exitCode).toBe(0);
      }
    },
  );

  it("loses nothing that it sent: 200 MB arrive at a rank that looks a second later", async () => {
    const [zero, one] = await runByHand({
      program: "act.js",
      args: ["send-and-leave"],
      size: 2,
    });
    expect(zero!.stdout).toMatch(/^received 200\nERR_PROC_FAILED rank 1 /);
    expect([zero!.exitCode, one!.exitCode]).toEqual([0, 0]);
  });
});
