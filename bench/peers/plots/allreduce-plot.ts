import { median } from "../ratios.ts";
import { type Results, valuesOf } from "../results.ts";
import { sizeText } from "../size-text.ts";
import { timesOf, waysIn } from "../ways.ts";
import { type Axis, chart, type Line } from "./chart.ts";

/** Time of an all-reduce against its size, both logarithmic; a panel for each number of ranks, a line for each way. */
export function allreducePlot(results: Results): string {
  const sizes = valuesOf(results.allreduceMs, "bytes");
  const times = results.allreduceMs.flatMap(({ rounds }) => rounds);
  const [x, y] = [sizeAxis(sizes), timeAxis(times)];
  return chart({
    title: "Time of an all-reduce (float32 sum)",
    panels: valuesOf(results.allreduceMs, "ranks").map((ranks) => ({
      ...{ title: `${ranks} ranks`, x, y },
      lines: waysIn(results).map((way): Line => ({
        ...way,
        points: sizes.flatMap((bytes) => {
          const ms = timesOf(results, way, { ranks, bytes });
          if (ms.length === 0) return [];
          const [least, greatest] = [Math.min(...ms), Math.max(...ms)];
          return [{ x: bytes, y: median(ms), least, greatest }];
        }),
      })),
    })),
  });
}

/** 4 B, 64 B, 1 KiB, 16 KiB … */
const POWERS = Array.from({ length: 9 }, (_, power) => 4 * 16 ** power);

/** Room beside the first size and the last one. */
const ASIDE = 1.6;

function sizeAxis(sizes: readonly number[]): Axis {
  const domain = [sizes[0]! / ASIDE, sizes.at(-1)! * ASIDE] as const;
  const within = POWERS.filter(
    (size) => size >= domain[0] && size <= domain[1],
  );
  return {
    ...{ title: "size of the buffer", scale: "log", domain },
    // Of a few sizes near each other: these.
    ticks: within.length < 3 ? sizes : within,
    textOf: sizeText,
  };
}

function timeAxis(times: readonly number[]): Axis {
  const least = Math.floor(Math.log10(Math.min(...times)));
  const greatest = Math.ceil(Math.log10(Math.max(...times)));
  const ticks = Array.from(
    { length: greatest - least + 1 },
    (_, i) => 10 ** (least + i),
  );
  return {
    ...{ title: "time", scale: "log", ticks, textOf: timeText },
    domain: [ticks[0]!, ticks.at(-1)!],
  };
}

/** `100 ns`, `1 µs`, `10 ms`, `1 s` */
function timeText(ms: number): string {
  const [unit, inMs] =
    [["s", 1000] as const, ["ms", 1] as const, ["µs", 1e-3] as const].find(
      ([, inMs]) => ms >= inMs * 0.999,
    ) ?? (["ns", 1e-6] as const);
  return `${Math.round(ms / inMs)} ${unit}`;
}
