import { scaleLinear } from "d3-scale";
import { median, wholeText } from "../ratios.ts";
import { type Results, roundsOf, type Step, valuesOf } from "../results.ts";
import { type Axis, chart, type Line, type Look } from "./chart.ts";
import { BLUE, ORANGE } from "./colors.ts";

const PEERS: readonly (Look & Pick<Step, "peer">)[] = [
  { peer: "tsmpi", name: "tsmpi", color: BLUE },
  { peer: "ddp", name: "PyTorch DDP", color: ORANGE },
];

/** Samples a second against ranks; a panel for each model, a line for us and one for DDP. */
export function stepPlot(results: Results): string {
  const { samplesPerS } = results;
  const counts = valuesOf(samplesPerS, "ranks");
  const ranks: Axis = {
    ...{ title: "ranks", scale: "linear", ticks: counts, textOf: String },
    domain: [counts[0]! - 0.5, counts.at(-1)! + 0.5],
  };
  return chart({
    title:
      "Training step: samples a second, batch 64 a rank, one thread a rank",
    panels: valuesOf(samplesPerS, "model").map((model) => ({
      ...{ title: model, x: ranks, y: samplesAxis(results, model) },
      lines: PEERS.map(({ peer, ...look }): Line => ({
        ...look,
        points: counts.flatMap((x) => {
          const values = roundsOf(samplesPerS, { peer, model, ranks: x });
          if (values.length === 0) return [];
          const [least, greatest] = [Math.min(...values), Math.max(...values)];
          return [{ x, y: median(values), least, greatest }];
        }),
      })),
    })),
  });
}

/** From zero. */
function samplesAxis({ samplesPerS }: Results, model: string): Axis {
  const values = samplesPerS
    .filter((series) => series.model === model)
    .flatMap(({ rounds }) => rounds);
  const scale = scaleLinear()
    .domain([0, Math.max(...values)])
    .nice(5);
  const [, greatest = 1] = scale.domain();
  return {
    ...{ title: "samples a second", scale: "linear", textOf: wholeText },
    ...{ domain: [0, greatest], ticks: scale.ticks(5) },
  };
}
