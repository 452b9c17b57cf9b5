// node act.js <what>: a few ranks, one of which does something. Prints what it meets as "<code> <message>".
const { setTimeout: sleep } = require("node:timers/promises");
const { MPI } = require("@tsmpi/worker");

const [what, detail] = process.argv.slice(2);

function meets(call) {
  try {
    console.log("value", JSON.stringify(call()));
  } catch (error) {
    console.log(error.code, error.message);
  }
}

const ACTS = {
  hello: (comm) => meets(() => comm.allreduce(1)),
  "bcast-function": (comm) =>
    meets(() => comm.bcast(comm.rank === 0 ? { layers: [() => 1] } : null)),
  "scatter-short": (comm) =>
    meets(() => comm.scatter(comm.rank === 0 ? [1, 2] : null)),
  // The order in which float32 adds up is the algorithm's: (1e8 + 1) - 1e8 is 0, and (1e8 - 1e8) + 1 is 1.
  "sum-in-order": (comm) =>
    meets(() => {
      const key = "tsmpi_algorithm_allreduce";
      const hinted = comm.Dup(MPI.Info.Create({ [key]: detail }));
      const sum = new Float32Array(3).fill([1e8, 1, -1e8][comm.rank]);
      hinted.Dup().Allreduce(MPI.IN_PLACE, sum);
      return { sum: [...sum], hint: hinted.Get_info().Get(key) };
    }),
  "hints-differ": (comm) =>
    meets(() =>
      comm.Dup(
        comm.rank === 2
          ? MPI.Info.Create({ tsmpi_algorithm_bcast: "chain" })
          : null,
      ),
    ),
  "leave-early": (comm) => {
    if (comm.rank !== 1) meets(() => comm[detail](1));
  },
  "send-and-leave": async (comm) => {
    const megabyte = new Uint8Array(1 << 20);
    if (comm.rank === 1) {
      for (let i = 0; i < 200; i++) {
        megabyte.fill(i);
        comm.Send(megabyte, 0, i);
      }
      return;
    }
    await sleep(1_000);
    let right = 0;
    for (let i = 0; i < 200; i++) {
      comm.Recv(megabyte, 1, i);
      if (megabyte.every((byte) => byte === i)) right++;
    }
    console.log("received", right);
    meets(() => comm.recv(1));
  },
  "wait-for": (comm) => {
    console.log("ready");
    if (comm.rank === Number(detail)) setInterval(() => {}, 1_000);
    else meets(() => comm.barrier());
  },
  "wait-after-stop": async (comm) => {
    console.log("ready");
    await sleep(1_500);
    meets(() => comm.barrier());
  },
  "exit-7": (comm) => {
    if (comm.rank === Number(detail)) {
      comm.iallreduce(1);
      setTimeout(() => process.exit(7), 20);
    } else meets(() => comm.recv(Number(detail)));
  },
  throw: (comm) => {
    if (comm.rank === Number(detail)) {
      comm.iallreduce(1);
      setTimeout(() => {
        throw new Error("thrown by the program");
      }, 20);
    } else meets(() => comm.recv(Number(detail)));
  },
  reject: async (comm) => {
    if (comm.rank !== Number(detail))
      return meets(() => comm.recv(Number(detail)));
    await sleep(20);
    throw new Error("rejected by the program");
  },
  uncaught(comm) {
    // One that begins late would hear there of the other's end.
    comm.Barrier();
    comm.Recv(new Float32Array(1), (comm.rank + 1) % comm.size, -7);
  },
};

void (async () => {
  let comm;
  try {
    comm = MPI.COMM_WORLD;
  } catch (error) {
    console.log(error.code, error.message);
    process.exitCode = 3;
    return;
  }
  await ACTS[what](comm);
})();
