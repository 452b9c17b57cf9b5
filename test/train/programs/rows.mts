// Scatters small sets of rows from a root and prints what each rank got: argv = root, rows.
import { MPI, scatterRows, tf } from "tsmpi";

const comm = MPI.COMM_WORLD;
const [root, rows] = process.argv.slice(2).map(Number) as [number, number];

const range = (length: number) => Array.from({ length }, (_, i) => i);
const scattered = scatterRows(
  comm.rank === root
    ? {
        floats: tf.tensor(range(rows * 6), [rows, 2, 3]),
        integers: tf.tensor(range(rows), [rows], "int32"),
        booleans: tf.tensor(
          range(rows).map((i) => i % 2 === 0),
          [rows, 1],
          "bool",
        ),
        bytes: {
          values: Uint8Array.from(range(rows * 2)),
          shape: [rows, 2],
        },
      }
    : null,
  root,
);
const printed = Object.fromEntries(
  Object.entries(scattered).map(([name, tensor]) => [
    name,
    {
      shape: tensor.shape,
      dtype: tensor.dtype,
      values: [...tensor.dataSync()].map(Number),
    },
  ]),
);
console.log(JSON.stringify({ rank: comm.rank, ...printed }));
