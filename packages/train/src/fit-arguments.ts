import { Dataset } from "@tsmpi/data";
import { ArgumentError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { LayersModel, Tensor } from "@tensorflow/tfjs";

type FitInput = Parameters<LayersModel["fit"]>[0];
type FitArguments = NonNullable<Parameters<LayersModel["fit"]>[2]>;

/** tfjs's. */
const DEFAULT_BATCH_SIZE = 32;

/** What ranks tell each other before they train together. */
interface Intent {
  readonly call: "fit" | "fitDataset";
  readonly epochs: number;
  readonly initialEpoch: number;
  /** Null for a dataset. */
  readonly rows: number | null;
  /** If it was given. */
  readonly batchSize: number | null;
  /** Its dataset can be at work on the next epoch while one is under way. */
  readonly readsAhead: boolean;
}

/**
 * Every rank calls it, with its own rows.
 *
 * @returns batches of an epoch on this rank
 * @throws {ArgumentError} on every rank: a rank has no rows, or fewer than a batch, or ranks do not train for the same epochs
 */
export function agreeOnFit(x: FitInput, args: FitArguments): number {
  const { validationData, validationSplit = 0, batchSize } = args;
  const split = validationData ? 0 : validationSplit;
  const rows = Math.floor(rowsOf(x) * (1 - split));
  agree({
    call: "fit",
    epochs: args.epochs ?? 1,
    initialEpoch: args.initialEpoch ?? 0,
    rows,
    batchSize: batchSize ?? null,
    readsAhead: false,
  });
  return Math.ceil(rows / (batchSize ?? DEFAULT_BATCH_SIZE));
}

/**
 * Every rank calls it, with its own dataset.
 *
 * @returns whether all ranks can read an epoch ahead
 * @throws {ArgumentError} on every rank, if they do not train for the same epochs
 */
export function agreeOnFitDataset(
  dataset: object,
  args: Parameters<LayersModel["fitDataset"]>[1],
): boolean {
  const all = agree({
    call: "fitDataset",
    epochs: args.epochs,
    initialEpoch: args.initialEpoch ?? 0,
    rows: null,
    batchSize: null,
    // With `batchesPerEpoch` one iterator may do for several epochs.
    readsAhead:
      dataset instanceof Dataset &&
      dataset.readsAhead &&
      args.batchesPerEpoch == null,
  });
  return all.every(({ readsAhead }) => readsAhead);
}

function agree(own: Intent): readonly Intent[] {
  const all = MPI.COMM_WORLD.allgather(own);
  // What a single process may do stays as it is.
  const problem = all.length === 1 ? null : problemOf(all);
  if (problem !== null) throw new ArgumentError(problem);
  return all;
}

/** Pure: the same answer on every rank. */
function problemOf(all: readonly Intent[]): string | null {
  const each = (tell: (intent: Intent) => string) =>
    all.map((intent, rank) => `rank ${rank}: ${tell(intent)}`).join("; ");
  const ranks = (is: (intent: Intent) => boolean) => {
    const which = all.flatMap((intent, rank) => (is(intent) ? [rank] : []));
    return which.length === 0
      ? null
      : `${which.length > 1 ? "ranks" : "rank"} ${which.join(", ")}`;
  };
  const [first] = all;
  if (all.some(({ call }) => call !== first!.call))
    return `the ranks train in different ways (${each(({ call }) => call)}); call the same on every rank`;
  const span = ({ initialEpoch, epochs }: Intent) =>
    `epochs ${initialEpoch} to ${epochs}`;
  if (all.some((intent) => span(intent) !== span(first!)))
    return `${first!.call}: the ranks would train for different epochs (${each(span)}); pass the same epochs and initialEpoch on every rank`;
  const empty = ranks(({ rows }) => rows === 0);
  const rowCounts = each(({ rows }) => `${rows} rows`);
  if (empty !== null)
    return `fit: ${empty} has no rows to train on (${rowCounts}); scatter at least one row to each rank, or start fewer ranks`;
  const small = ranks(
    ({ rows, batchSize }) =>
      rows !== null && batchSize !== null && batchSize > rows,
  );
  if (small !== null)
    return `fit: the batch size is larger than the partition of ${small} (${each(({ rows, batchSize }) => `${rows} rows, batch size ${batchSize}`)}); batchSize counts the rows of one rank: choose a smaller one, or start fewer ranks`;
  return null;
}

const rowsOf = (x: FitInput): number => firstTensor(x)?.shape[0] ?? 0;

const firstTensor = (x: FitInput): Tensor | undefined =>
  "shape" in x ? (x as Tensor) : Object.values(x)[0];
