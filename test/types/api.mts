/* eslint-disable @typescript-eslint/no-unused-vars, @typescript-eslint/no-unused-expressions, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call -- it is there to be compiled */
// What the types promise to programs. Compiled, not run, by types.test.ts: a line below `@ts-expect-error` must not compile.
import {
  distribute,
  evaluate,
  launch,
  loadCheckpoint,
  MPI,
  noSync,
  predict,
  type Prequest,
  type Request,
  runRanks,
  saveCheckpoint,
  scatterRows,
  shard,
  tf,
} from "tsmpi";

/** Compiles if both types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;
const same = <A, B>(_: Same<A, B>): void => {};
type Tensor = ReturnType<typeof tf.tensor>;

const comm = MPI.COMM_WORLD;

// Values keep their type; only the root has some results.
same<ReturnType<typeof comm.barrier>, void>(true);
const sum = comm.allreduce(1);
same<typeof sum, number>(true);
const largest = comm.allreduce(1, (a, b) => Math.max(a, b));
same<typeof largest, number>(true);
const text = comm.scan("a", { op: (a, b) => a + b });
same<typeof text, string>(true);
const below = comm.exscan(1n);
same<typeof below, bigint | null>(true);
const pair = comm.allreduce([1, 0], MPI.MAXLOC);
same<typeof pair, number[]>(true);
const all = comm.allgather({ name: "a" });
same<typeof all, { name: string }[]>(true);
const gathered = comm.gather("a");
same<typeof gathered, string[] | null>(true);
const part = comm.scatter([1, 2]);
same<typeof part, number>(true);
const kept = comm.bcast({ root: 1 });
same<typeof kept, { root: number }>(true);
const choice = comm.bcast<"a" | null>(comm.rank === 0 ? "a" : null);
same<typeof choice, "a" | null>(true);
const exchanged = comm.alltoall([true]);
same<typeof exchanged, boolean[]>(true);
// @ts-expect-error -- a name is no number
comm.bcast(1, "zero");
// @ts-expect-error -- an op gives what it takes
comm.allreduce(1, (a, b) => `${a} ${b}`);
// @ts-expect-error -- one value is no list
comm.scatter(1);

// Messages: what comes is of the type that is said, or unknown.
const word = comm.recv<string>(0, 3);
same<typeof word, string>(true);
const anything = comm.recv();
same<typeof anything, unknown>(true);
const answer = comm.sendrecv<number>("a", { dest: 0, source: 0 });
same<typeof answer, number>(true);
// @ts-expect-error -- to whom?
comm.send("a");

// A request has the type of its call.
const later = await comm.iallreduce(1);
same<typeof later, number>(true);
const request = comm.igather({ x: 1 });
same<typeof request, Request<{ x: number }[] | null>>(true);
const [three, [name], nothing] = MPI.Request.waitall([
  comm.iallreduce(3),
  comm.iallgather("a"),
  comm.Isend(new Int8Array(1), 0),
]);
same<typeof three, number>(true);
same<typeof name, string | undefined>(true);
same<typeof nothing, null>(true);
const listed = MPI.Request.waitall([1, 2].map(() => comm.iallreduce(1)));
same<typeof listed, number[]>(true);
const [index, first] = MPI.Request.waitany([comm.ibcast(1), comm.ibcast("a")]);
same<typeof index, number>(true);
same<typeof first, number | string | null>(true);
const [done, value] = comm.ibcast(1).test();
if (done) same<typeof value, number>(true);
const persistent = comm.Bcast_init(new Float32Array(1));
same<typeof persistent, Prequest<null>>(true);
// @ts-expect-error -- it was begun when it was made
comm.ibcast(1).Start();

// Any call takes the last of its arguments, or all, by name.
comm.recv({ source: 0, tag: 11, status: new MPI.Status() });
comm.send("a", { dest: 1, tag: 3, timeoutMs: 1_000 });
comm.send("a", 1, { tag: 3 });
comm.allreduce(1, { op: MPI.MAX });
comm.allreduce(1, { op: (a, b) => Math.max(a, b), timeoutMs: 1_000 });
comm.reduce(1, { op: MPI.MAX, root: 1 });
comm.reduce(1, MPI.MAX, { root: 1 });
comm.bcast(1, { root: 1 });
comm.barrier({ timeoutMs: 1_000 });
comm.allgather(1, { timeoutMs: 1_000 });
const floats = new Float32Array(4);
const ints = new Int32Array(4);
comm.Bcast({ buf: floats, root: 1 });
comm.Gather({ sendbuf: floats, recvbuf: floats, root: 1 });
comm.Gather({ sendbuf: floats, recvbuf: null });
comm.Gather(floats, floats, { timeoutMs: 1_000 });
comm.Allreduce({ sendbuf: MPI.IN_PLACE, recvbuf: floats, op: MPI.MAX });
comm.Ireduce_scatter({ sendbuf: floats, recvbuf: floats, recvcounts: [4] });
comm.Send_init({ buf: floats, dest: 1 }).Start();
comm.Sendrecv({ sendbuf: floats, dest: 0, recvbuf: ints, source: 0 });
const half = comm.Split({ color: 1, key: 0 });
half.Split_type(MPI.COMM_TYPE_SHARED, { info: MPI.INFO_NULL });
const cart = comm.Create_cart([2], { periods: [true] });
const [, above] = cart.Shift({ direction: 0, disp: 1 });
same<typeof above, number>(true);
cart.Sub({ remain_dims: [true] }).Neighbor_alltoall(floats, floats);
comm.Create_dist_graph_adjacent({ sources: [0], destinations: [0] });
// @ts-expect-error -- there is no such option
comm.recv({ source: 0, sorce: 1 });
// @ts-expect-error -- there is no such option, though there is another one
comm.Bcast({ buf: floats, root: 1, dest: 2 });
// @ts-expect-error -- a barrier has no root
comm.barrier({ root: 1 });
// @ts-expect-error -- a root is a number
comm.bcast(1, { root: "zero" });
// @ts-expect-error -- an op, not a name
comm.allreduce(1, { op: "MAX" });
// @ts-expect-error -- an op gives what it takes
comm.allreduce(1, { op: (a, b) => `${a} ${b}` });
// @ts-expect-error -- into what?
comm.Gather({ sendbuf: floats, root: 1 });
// @ts-expect-error -- the status is the request's
comm.irecv({ source: 0, status: new MPI.Status() });
// @ts-expect-error -- options come last
comm.Reduce(floats, { recvbuf: floats }, MPI.SUM);
// @ts-expect-error -- periods are booleans
comm.Create_cart([2], { periods: ["yes"] });

// Capital calls take typed arrays, of one type.
comm.Allreduce(MPI.IN_PLACE, floats, MPI.MAX);
comm.Allreduce(floats, floats);
comm.Gatherv(floats, [floats, [1, 3], [0, 1]]);
comm.Gatherv(floats, [floats, [1, 3], [0, 1], MPI.FLOAT]);
comm.Scatterv([floats, [1, 3], null, "float32"], [floats, 1]);
comm.Alltoallv([floats, [[1, 3], [0, 1]]], [floats, 2, 2]); // prettier-ignore
comm.Bcast([new Uint16Array(4), MPI.BFLOAT16]);
comm.Send([floats, 2, MPI.FLOAT], 1);
// @ts-expect-error -- a list is no typed array
comm.Allreduce(MPI.IN_PLACE, [1, 2, 3]);
// @ts-expect-error -- there is no such op
comm.Allreduce(MPI.IN_PLACE, floats, MPI.AVERAGE);
// @ts-expect-error -- a function is an op for values; for buffers Op.Create makes one
comm.Allreduce(MPI.IN_PLACE, floats, Math.max);
// Elements are numbers unless it is said otherwise.
MPI.Op.Create((lower, higher) => {
  for (let i = 0; i < higher.length; i++) higher[i]! += lower[i]!;
});
MPI.Op.Create((lower: BigInt64Array, higher: BigInt64Array) => {
  for (let i = 0; i < higher.length; i++) higher[i]! += lower[i]!;
});
// @ts-expect-error -- there is no such datatype
comm.Bcast([floats, "float31"]);
// @ts-expect-error -- a message is not in place
comm.Send(MPI.IN_PLACE, 1);
comm.Allreduce(MPI.IN_PLACE, floats, { compression: "int8", residual: floats });
comm.Iallreduce(floats, floats, MPI.AVG, { compression: "none" });
// @ts-expect-error -- there is no such compression
comm.Allreduce(MPI.IN_PLACE, floats, { compression: "int4" });
// @ts-expect-error -- of all reductions all-reduce alone can be compressed
comm.Scan(MPI.IN_PLACE, floats, { compression: "int8" });
// @ts-expect-error -- floats do not go into integers
comm.Allreduce(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Reduce(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Reduce_scatter(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Reduce_scatter_block(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Scan(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Exscan(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Gather(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Gatherv(floats, [ints, [1, 3]]);
// @ts-expect-error -- floats do not go into integers
comm.Scatter(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Scatterv([floats, [1, 3]], ints);
// @ts-expect-error -- floats do not go into integers
comm.Allgather(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Allgatherv(floats, [ints, [1, 3], [0, 1]]);
// @ts-expect-error -- floats do not go into integers
comm.Alltoall(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Alltoallv([floats, [1, 3]], [ints, [1, 3]]);
// @ts-expect-error -- floats do not go into integers
comm.Igather(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Iscatterv([floats, [1, 3]], ints);
// @ts-expect-error -- floats do not go into integers
comm.Iallreduce(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Alltoall_init(floats, ints);
// @ts-expect-error -- floats do not go into integers
comm.Allreduce_init(floats, [ints, 4]);
// @ts-expect-error -- floats do not go into integers
comm.Allreduce({ sendbuf: floats, recvbuf: ints });
// @ts-expect-error -- floats do not go into integers
comm.Ialltoallv({ sendbuf: floats, recvbuf: ints });
// @ts-expect-error -- floats do not go into integers
cart.Neighbor_allgather(floats, ints);
// @ts-expect-error -- floats do not go into integers
cart.Ineighbor_alltoallv([floats, [1, 3]], [ints, [1, 3]]);

// distribute returns what it was given.
const sequential = distribute(tf.sequential());
same<typeof sequential, ReturnType<typeof tf.sequential>>(true);
const adam = distribute(tf.train.adam(), { accumulate: 2, clipGlobalNorm: 1 });
same<typeof adam, ReturnType<typeof tf.train.adam>>(true);
// @ts-expect-error -- a tensor is neither a model nor an optimizer
distribute(tf.zeros([1]));
// @ts-expect-error -- there is no such option
distribute(sequential, { batchSize: 3 });
// @ts-expect-error -- "ignore" is none of the choices
distribute(sequential, { onNonFinite: "ignore" });
const unsynced = await noSync(sequential, () => "done");
same<typeof unsynced, string>(true);

// Rows keep their names and structure.
const rows = { values: new Float32Array(4), shape: [2, 2] };
const { images, labels } = scatterRows({ images: rows, labels: rows });
same<typeof images, typeof labels>(true);
// @ts-expect-error -- these were not scattered
scatterRows({ images: rows }).labels;
const { x, y } = shard(tf.zeros([4, 1]), [tf.zeros([4, 1])]);
x.dataSync();
y[0]!.dataSync();
const unlabelled = shard({ a: tf.zeros([4, 1]) });
unlabelled.x.a.dataSync();
same<typeof unlabelled.y, undefined>(true);
// @ts-expect-error -- a batch size is needed
unlabelled.dataset({ seed: 1 });

// Results everywhere, or only at the root.
const metrics = await evaluate(sequential, tf.zeros([1]), tf.zeros([1]));
same<typeof metrics, Record<string, number>>(true);
const atRoot = await predict(sequential, tf.zeros([1]));
same<typeof atRoot, Tensor | Tensor[] | null>(true);
const everywhere = await predict(sequential, tf.zeros([1]), { root: "all" });
same<typeof everywhere, Tensor | Tensor[]>(true);

// Checkpoints.
const path = await saveCheckpoint("dir", { model: sequential, epoch: 1 });
same<typeof path, string>(true);
// @ts-expect-error -- which epoch?
await saveCheckpoint("dir", { model: sequential });
const last = await loadCheckpoint("dir", { model: sequential });
// @ts-expect-error -- there may be none
last.epoch;

// Jobs from a program.
const values = await runRanks<number>(2, "./sum.ts", "sum");
same<typeof values, number[]>(true);
const { ranks } = await launch({ np: 2, script: "train.ts" });
same<(typeof ranks)[number]["exitCode"], number | null>(true);
// @ts-expect-error -- what is to be launched?
await launch({ np: 2 });
