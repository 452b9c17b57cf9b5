/* eslint-disable @typescript-eslint/no-unused-vars, @typescript-eslint/no-unused-expressions, @typescript-eslint/no-unsafe-argument -- it is there to be compiled */
// What the types promise to programs. Compiled, not run, by types.test.ts: a line below `@ts-expect-error` must not compile.
import {
  distribute,
  evaluate,
  launch,
  loadCheckpoint,
  MPI,
  noSync,
  predict,
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
const all = comm.allgather({ name: "a" });
same<typeof all, { name: string }[]>(true);
const gathered = comm.gather("a");
same<typeof gathered, string[] | null>(true);
const later = await comm.iallreduce(1);
same<typeof later, number>(true);
// @ts-expect-error -- a name is no number
comm.bcast(1, "zero");

// Capital calls take typed arrays.
comm.Allreduce(MPI.IN_PLACE, new Float32Array(4), MPI.MAX);
// @ts-expect-error -- a list is no typed array
comm.Allreduce(MPI.IN_PLACE, [1, 2, 3]);
// @ts-expect-error -- there is no such op
comm.Allreduce(MPI.IN_PLACE, new Float32Array(4), MPI.AVERAGE);

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
