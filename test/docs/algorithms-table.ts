import { type AnyAlgorithm, ALGORITHMS } from "@tsmpi/collective";

const SIZES = [2, 4, 8, 16];
const BUFFER_BYTES = 1 << 20;

/** Per-rank blocks for the collectives whose cost counts those, the whole buffer for the others. */
const countsBlocks = ({ collective }: AnyAlgorithm): boolean =>
  ["gather", "scatter", "allgather"].includes(collective);

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

/** The table of docs/algorithms.md, made from the costs that the algorithms declare and the tests count. */
export function algorithmsTable(): string {
  const header = [
    "collective",
    "algorithm",
    ...SIZES.map((size) => `steps, p = ${size}`),
    ...SIZES.map((size) => `sent, p = ${size}`),
  ];
  const rows = ALGORITHMS.map((algorithm) => [
    algorithm.collective,
    algorithm.name,
    ...SIZES.map((size) => String(algorithm.cost.steps(size))),
    ...SIZES.map((size) => mostSent(algorithm, size).toFixed(2)),
  ]);
  return [header, header.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
