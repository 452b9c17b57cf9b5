import {
  ALGORITHM_NAMES,
  ALGORITHMS,
  type AnyAlgorithm,
  type Collective,
  select,
  type SelectCall,
} from "@tsmpi/collective";

const SIZES = [2, 4, 8, 16];
const BUFFER_BYTES = 1 << 20;

const table = (header: readonly string[], rows: readonly string[][]): string =>
  [header, header.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

/** Per-rank blocks for the collectives whose cost counts those, the whole buffer for the others. */
const countsBlocks = ({ collective }: AnyAlgorithm): boolean =>
  ["gather", "scatter", "allgather", "alltoall"].includes(collective);

/** The most that any rank sends, in buffers of 1 MiB. */
function mostSent({ cost, ...algorithm }: AnyAlgorithm, size: number): number {
  const count = countsBlocks(algorithm as AnyAlgorithm)
    ? BUFFER_BYTES / size
    : BUFFER_BYTES;
  const sent = Array.from({ length: size }, (_, rank) =>
    cost
      .sends({ rank, size, root: 0, count, elementBytes: 1 })
      .reduce((sum, { bytes }) => sum + bytes, 0),
  );
  return Math.max(...sent) / BUFFER_BYTES;
}

function needs(algorithm: AnyAlgorithm): string {
  if ("inRankOrder" in algorithm && !algorithm.inRankOrder)
    return "commutative op";
  return "equalBlocks" in algorithm && algorithm.equalBlocks
    ? "equal blocks"
    : "";
}

/** The first table of docs/algorithms.md, made from the costs that the algorithms declare and the tests count. */
export function algorithmsTable(): string {
  const header = [
    "collective",
    "algorithm",
    "needs",
    ...SIZES.map((size) => `steps, p = ${size}`),
    ...SIZES.map((size) => `sent, p = ${size}`),
  ];
  const rows = ALGORITHMS.map((algorithm) => [
    algorithm.collective,
    algorithm.name,
    needs(algorithm),
    ...SIZES.map((size) => String(algorithm.cost.steps(size))),
    ...SIZES.map((size) => mostSent(algorithm, size).toFixed(2)),
  ]);
  return table(header, rows);
}

const RANKS = 8;
const BYTES = {
  "256 B": 256,
  "64 KiB": 1 << 16,
  "1 MiB": 1 << 20,
  "16 MiB": 1 << 24,
} as const;

/** The second table: what `select` chooses for eight ranks. */
export function choicesTable(): string {
  const names = Object.keys(ALGORITHM_NAMES) as Collective[];
  const chosen = (
    collective: Collective,
    bytes: number | null,
    needsRankOrder: boolean,
  ): string => {
    const call = { size: RANKS, bytes, needsRankOrder, wanted: "auto" };
    return select(collective, call as SelectCall<Collective>).name;
  };
  const reduces = (collective: Collective): boolean =>
    ALGORITHMS.some(
      (one) => one.collective === collective && "inRankOrder" in one,
    );
  const row = (collective: Collective, inOrder: boolean): string[] => [
    inOrder ? `${collective}, in rank order` : collective,
    ...Object.values(BYTES).map((bytes) => chosen(collective, bytes, inOrder)),
    reduces(collective) || collective === "barrier"
      ? ""
      : chosen(collective, null, inOrder),
  ];
  const rows = names
    .sort()
    .flatMap((name) =>
      reduces(name) ? [row(name, false), row(name, true)] : [row(name, false)],
    );
  return table(["8 ranks", ...Object.keys(BYTES), "lengths unknown"], rows);
}
