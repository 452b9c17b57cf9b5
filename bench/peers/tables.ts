import {
  GLOO,
  hostsRatios,
  openMpi,
  scaling,
  stepRatios,
  timeRatios,
  wireRatios,
} from "./comparisons.ts";
import {
  median,
  millisecondsText,
  ratioText,
  spread,
  wholeText,
} from "./ratios.ts";
import { type Results, roundsOf, valuesOf } from "./results.ts";
import { sizeText } from "./size-text.ts";
import { TARGETS } from "./targets.ts";
import { verdict } from "./verdict.ts";
import { timesOf, waysIn } from "./ways.ts";

// Tables in Markdown; whoever writes them aligns them.

type Cells = readonly string[];

export const table = (head: Cells, rows: readonly Cells[]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

/** What was to be reached, and whether it is. */
export function targetsTable(results: Results): string {
  const ranks = [2, 4];
  return table(
    ["ours ÷ the peer's", ...ranks.map((n) => `${n} ranks`)],
    TARGETS.map(({ what, limits, better, ratios }) => [
      what,
      ...ranks.map((n) => {
        const limit = limits[n];
        if (limit === undefined) return "";
        const values = ratios(results, n);
        const said = verdict(values, limit, better);
        return values.length === 0
          ? said
          : `${spread(values, ratioText)}; ${said}`;
      }),
    ]),
  );
}

/** Ours ÷ the peers', for every size, transport and kind of buffers. */
export function ratiosTable(results: Results, ranks: number): string {
  const ours = results.allreduceMs.filter(({ peer }) => peer === "tsmpi");
  const pairs = valuesOf(ours, "transport").flatMap((transport) => [
    { transport, peer: GLOO, name: "Gloo" },
    { transport, peer: openMpi(transport), name: `Open MPI, ${transport}` },
  ]);
  return table(
    [
      `${ranks} ranks`,
      ...pairs.map(({ transport, name }) => `${transport} ÷ ${name}`),
    ],
    valuesOf(ours, "bytes").flatMap((bytes) =>
      valuesOf(ours, "buffers").map((buffers) => [
        `${sizeText(bytes)}, ${buffers}`,
        ...pairs.map(({ transport, peer }) => {
          const way = { transport, buffers, ranks, bytes };
          return spread(timeRatios(results, way, peer), ratioText);
        }),
      ]),
    ),
  );
}

/** Medians of the rounds, in milliseconds. */
export function timesTable(results: Results, ranks: number): string {
  const ways = waysIn(results);
  return table(
    [`${ranks} ranks`, ...ways.map(({ name }) => name)],
    valuesOf(results.allreduceMs, "bytes").map((bytes) => [
      sizeText(bytes),
      ...ways.map((way) =>
        middle(timesOf(results, way, { ranks, bytes }), millisecondsText),
      ),
    ]),
  );
}

/** All-reduces over hosts, ours and Gloo's. */
export function hostsTable(results: Results): string {
  const { hostsMs = [] } = results;
  const ours = hostsMs.filter(({ peer }) => peer === "tsmpi");
  return table(
    [
      "",
      "tsmpi, ms",
      "Gloo, ms",
      "ours ÷ Gloo's",
      "ours ÷ the wire's",
      "Gloo's ÷ the wire's",
    ],
    valuesOf(ours, "bytes").flatMap((bytes) =>
      valuesOf(ours, "buffers").map((buffers) => {
        const way = { peer: "tsmpi", bytes, buffers } as const;
        const gloo = { peer: "gloo", bytes, buffers: "ordinary" } as const;
        return [
          `${sizeText(bytes)}, ${buffers}`,
          middle(roundsOf(hostsMs, way), millisecondsText),
          middle(roundsOf(hostsMs, gloo), millisecondsText),
          spread(hostsRatios(results, way), ratioText),
          spread(wireRatios(results, way), ratioText),
          spread(wireRatios(results, gloo), ratioText),
        ];
      }),
    ),
  );
}

/** Samples a second, ours and DDP's, and what more ranks bring. */
export function stepTable(results: Results): string {
  const { samplesPerS } = results;
  return table(
    [
      ...["model, ranks", "tsmpi samples/s", "PyTorch DDP", "ours ÷ DDP's"],
      ...["tsmpi's scaling", "PyTorch DDP's"],
    ],
    valuesOf(samplesPerS, "model").flatMap((model) =>
      valuesOf(samplesPerS, "ranks").map((ranks) => {
        const [ours, ddp] = [
          { peer: "tsmpi", model, ranks },
          { peer: "ddp", model, ranks },
        ] as const;
        return [
          `${model}, ${ranks}`,
          ...[ours, ddp].map((step) =>
            middle(roundsOf(samplesPerS, step), wholeText),
          ),
          spread(stepRatios(results, { model, ranks }), ratioText),
          ...[ours, ddp].map((step) =>
            ranks === 1 ? "" : spread(scaling(results, step), ratioText),
          ),
        ];
      }),
    ),
  );
}

const middle = (
  values: readonly number[],
  textOf: (value: number) => string,
): string => (values.length === 0 ? "–" : textOf(median(values)));
