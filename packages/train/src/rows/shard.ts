import { bigBatches, permutation, randomStream } from "@tsmpi/data";
import { tf } from "@tsmpi/engine";
import {
  ArgumentError,
  type Block,
  blockOf,
  checkArgument,
  lengthOf,
  whole,
} from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { data } from "@tensorflow/tfjs";
import { assertAlike, attempt, tellAll } from "../told";
import {
  listOf,
  mapTensors,
  rowLayoutOf,
  rowsOf,
  type Tensors,
} from "./tensors";

/** What `Shard.dataset` takes. */
export interface ShardDatasetOptions {
  /** Rows of a batch of one rank. */
  readonly batchSize: number;
  /** Of the order; the same on every rank. Default 0. */
  readonly seed?: number;
  /** Another order in each epoch. Default true. */
  readonly shuffle?: boolean;
  /** Of the first pass; a resumed training goes on with a later one. Default 0. */
  readonly epoch?: number;
}

/** This rank's part of rows that every rank holds. */
export class Shard<
  X extends Tensors,
  Y extends Tensors | undefined = undefined,
> {
  /** This rank's rows, in their order; the caller's to dispose, for instance by `dispose()`. */
  readonly x: X;
  readonly y: Y;
  /** Rows of this rank. */
  readonly rows: number;
  /** Rows of all ranks. */
  readonly totalRows: number;
  readonly #all: { readonly x: X; readonly y: Y };

  /** @internal */
  constructor(all: { readonly x: X; readonly y: Y }, block: Block) {
    this.#all = all;
    this.totalRows = rowsOf(all.x);
    this.rows = lengthOf(block);
    const own = <T extends Tensors | undefined>(tensors: T): T =>
      tensors === undefined
        ? tensors
        : mapTensors(tensors, (tensor) =>
            tensor.slice(block.start, lengthOf(block)),
          );
    this.x = own(all.x);
    this.y = own(all.y);
  }

  /**
   * This rank's batches, for `fitDataset`. Each pass is an epoch and takes the rows of all ranks in a new order, which depends
   * on (seed, epoch) only; the k-th batches of all ranks together are the k-th big batch of that order. Each row is used once an
   * epoch, on one rank. The tensors that `shard` was given must live as long as the dataset.
   *
   * @throws {ArgumentError} the batch size is not a positive whole number
   */
  dataset({
    batchSize,
    seed = 0,
    shuffle = true,
    epoch = 0,
  }: ShardDatasetOptions): data.Dataset<never> {
    checkArgument("shard(…).dataset", "batchSize", batchSize, whole(1));
    const { x, y } = this.#all;
    const { rank, size } = MPI.COMM_WORLD;
    const rows = this.totalRows;
    const batches = bigBatches({ rows, batchSize, rank, size });
    let next = epoch;
    const dataset = tf.data.generator(function* () {
      const random = randomStream(seed, "shard", next++);
      const order = shuffle ? permutation(rows, random) : null;
      for (const { start, end } of batches) {
        const take = (tensors: Tensors): Tensors =>
          tf.tidy(() =>
            mapTensors(tensors, (all) =>
              order === null
                ? all.slice(start, end - start)
                : all.gather(tf.tensor1d(order.slice(start, end), "int32")),
            ),
          );
        yield y === undefined ? { xs: take(x) } : { xs: take(x), ys: take(y) };
      }
    } as never);
    // So that a progress bar knows its end.
    Object.assign(dataset, { size: batches.length });
    return dataset as data.Dataset<never>;
  }

  /** Of the tensors in `x` and `y`. */
  dispose(): void {
    tf.dispose(listOf(this.x));
    if (this.y !== undefined) tf.dispose(listOf(this.y));
  }
}

/**
 * This rank's rows of data that every rank holds: a block in rank order, as `scatterRows` deals them. Every rank calls it with
 * the same data. `y` is cut like `x`.
 *
 *     const { x, y } = shard(images, labels);
 *     await model.fit(x, y, { epochs: 3 });
 *
 * @param x a tensor, or several in a list or by name; their first axis counts rows
 * @throws {ArgumentError} on every rank: row counts differ, ranks hold different data, or there are fewer rows than ranks
 */
export function shard<X extends Tensors>(x: X): Shard<X>;
export function shard<X extends Tensors, Y extends Tensors>(
  x: X,
  y: Y,
): Shard<X, Y>;
export function shard(x: Tensors, y?: Tensors): Shard<Tensors, never> {
  const { rank, size } = MPI.COMM_WORLD;
  const layouts = tellAll(attempt(() => describe(x, y)));
  assertAlike(
    "shard: the ranks hold different data",
    layouts.map(({ text }) => text),
    "pass the same rows on every rank; where only one rank has them, use scatterRows",
  );
  const { rows } = layouts[0]!;
  if (rows < size)
    throw new ArgumentError(
      `shard: ${rows} rows are too few for ${size} ranks: rank ${rows} would have none; start fewer ranks`,
    );
  return new Shard({ x, y: y as never }, blockOf(rows, size, rank));
}

function describe(
  x: Tensors,
  y: Tensors | undefined,
): { readonly rows: number; readonly text: string } {
  const rows = rowsOf(x);
  const counts = listOf(x)
    .concat(y === undefined ? [] : listOf(y))
    .map(({ shape }) => shape[0] ?? "no");
  if (counts.some((count) => count !== rows))
    throw new ArgumentError(
      `shard: x and y have different numbers of rows (${counts.join(", ")}); the first axis of all of them counts the same rows`,
    );
  const layouts = [x, ...(y === undefined ? [] : [y])].map(rowLayoutOf);
  return { rows, text: `${rows} rows of ${layouts.join(" and ")}` };
}
