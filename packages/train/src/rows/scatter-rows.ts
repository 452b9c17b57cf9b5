import { blockPartition, scattervLayout } from "@tsmpi/data";
import { tf } from "@tsmpi/engine";
import {
  ArgumentError,
  type Block,
  bytesOf,
  bytesPerElement,
  type Dtype,
  dtypeOf,
  lengthOf,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";
import { MPI, streamRows } from "@tsmpi/worker";
import type { Tensor } from "@tensorflow/tfjs";

/** Rows to be scattered: the first axis counts them. A tensor, or values with their shape. */
export type Rows =
  Tensor | { readonly values: TypedArray; readonly shape: readonly number[] };

/** Several sets of rows that belong together, row by row. */
export type RowSets = Readonly<Record<string, Rows>>;

type Scattered<Data> = { [Name in keyof Data]: Tensor };

/** What every rank must know before its rows arrive. */
interface Plan {
  readonly rows: number;
  readonly sets: readonly SetPlan[];
}

interface SetPlan {
  readonly name: string;
  readonly dtype: Dtype;
  /** The tensor's type; null: whatever TensorFlow.js makes of `dtype`. */
  readonly tensorType: "float32" | "int32" | "bool" | null;
  /** Without the first axis. */
  readonly rowShape: readonly number[];
}

/**
 * Gives each rank its block of the root's rows, in rank order; a remainder is spread one row a rank. Every rank calls it, the
 * root with the data, the others with null. Blocks. Rows of root 0 are streamed through the coordinator with flow control,
 * those of another root go in one Scatterv.
 *
 * @param data at the root: sets of rows with the same number of rows, such as `{ images, labels }`; its tensors stay the caller's
 * @returns this rank's rows under the same names, as tensors, which are the caller's to dispose
 * @throws {ArgumentError} on every rank, if the root's data is unfit
 */
export function scatterRows<
  Data extends { readonly [Name in keyof Data]: Rows },
>(data: Data | null, root = 0): Scattered<Data> {
  const comm = MPI.COMM_WORLD;
  const source = comm.rank === root ? describe(data) : null;
  const plan = comm.bcast(source?.plan ?? null, root);
  if (plan === null || "problem" in plan)
    throw new ArgumentError(`scatterRows: ${plan?.problem ?? "no data"}`);
  const parts =
    root === 0
      ? throughCoordinator(plan, source?.values ?? null)
      : throughScatterv(plan, source?.values ?? null, root);
  return tensorsOf(plan, parts) as Scattered<Data>;
}

interface Source {
  readonly plan: Plan | { readonly problem: string };
  readonly values: readonly TypedArray[];
}

/** The root's data as a plan and arrays; a problem travels to the other ranks, which would wait for rows. */
function describe(data: RowSets | null): Source {
  if (data === null) return problem("the root passed null instead of data");
  const sets = Object.entries(data).map(([name, rows]) => ({
    name,
    shape: rows.shape,
    tensorType: isTensor(rows) ? rows.dtype : null,
    values: isTensor(rows) ? rows.dataSync() : rows.values,
  }));
  for (const { name, shape, values } of sets) {
    const dtype = dtypeOf(values);
    const elements = shape.reduce((product, extent) => product * extent, 1);
    if (dtype === null || dtype.startsWith("big"))
      return problem(`"${name}" holds no numbers that a tensor can hold`);
    if (shape.length === 0 || elements !== values.length)
      return problem(
        `"${name}" has ${values.length} values, its shape [${shape.join(", ")}] says ${shape.length ? elements : "a scalar"}`,
      );
    if (shape[0] !== sets[0]!.shape[0])
      return problem(
        `"${name}" has ${shape[0]} rows, "${sets[0]!.name}" has ${sets[0]!.shape[0]}`,
      );
  }
  return {
    values: sets.map(({ values }) => values),
    plan: {
      rows: sets[0]?.shape[0] ?? 0,
      sets: sets.map(({ name, shape, tensorType, values }) => ({
        name,
        dtype: dtypeOf(values)!,
        tensorType: tensorType as SetPlan["tensorType"],
        rowShape: shape.slice(1),
      })),
    },
  };
}

const problem = (text: string): Source => ({
  plan: { problem: text },
  values: [],
});

const isTensor = (rows: Rows): rows is Tensor => "dataSync" in rows;

/** This rank's part of each set. */
function throughCoordinator(
  plan: Plan,
  values: readonly TypedArray[] | null,
): TypedArray[] {
  const { rank, size } = MPI.COMM_WORLD;
  const blocks = blockPartition(plan.rows, size);
  const partsOf = (block: Block) =>
    plan.sets.map((set, i) => rowsOf(set, values![i]!, block));
  if (values !== null) {
    streamRows(
      blocks.map((block) => partsOf(block).map(bytesOf)),
      0,
    );
    return partsOf(blocks[rank]!).map((part) => part.slice() as TypedArray);
  }
  const bytesOfSet = (set: SetPlan): number =>
    lengthOf(blocks[rank]!) * elementsPerRow(set) * bytesPerElement(set.dtype);
  const all = plan.sets.reduce((sum, set) => sum + bytesOfSet(set), 0);
  const bytes = streamRows(null, all)!;
  let start = 0;
  return plan.sets.map((set) => {
    const length = lengthOf(blocks[rank]!) * elementsPerRow(set);
    const end = start + bytesOfSet(set);
    // A copy of its own: a tensor may alias what it is made of for its whole life.
    const own = bytes.slice(start, end);
    start = end;
    return viewAs(set.dtype, own.buffer, 0, length);
  });
}

function throughScatterv(
  plan: Plan,
  values: readonly TypedArray[] | null,
  root: number,
): TypedArray[] {
  const comm = MPI.COMM_WORLD;
  const blocks = blockPartition(plan.rows, comm.size);
  return plan.sets.map((set, i) => {
    const { counts } = scattervLayout(blocks, elementsPerRow(set));
    const own = viewAs(
      set.dtype,
      new ArrayBuffer(counts[comm.rank]! * bytesPerElement(set.dtype)),
      0,
      counts[comm.rank]!,
    );
    comm.Scatterv(values && [values[i]!, counts], own, root);
    return own;
  });
}

const elementsPerRow = ({ rowShape }: SetPlan): number =>
  rowShape.reduce((product, extent) => product * extent, 1);

const rowsOf = (
  set: SetPlan,
  values: TypedArray,
  { start, end }: Block,
): TypedArray =>
  values.subarray(start * elementsPerRow(set), end * elementsPerRow(set));

function tensorsOf(
  plan: Plan,
  parts: readonly TypedArray[],
): Record<string, Tensor> {
  return Object.fromEntries(
    plan.sets.map((set, i) => {
      const values = parts[i]!;
      const rows = values.length / elementsPerRow(set);
      return [
        set.name,
        tf.tensor(
          values as Float32Array,
          [rows, ...set.rowShape],
          set.tensorType ?? undefined,
        ),
      ];
    }),
  );
}
