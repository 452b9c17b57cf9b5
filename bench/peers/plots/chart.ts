import { scaleLinear, scaleLog } from "d3-scale";
import { element, escaped, rounded } from "./svg.ts";

/** One of the drawings beside each other. */
export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

export interface Axis {
  readonly title: string;
  readonly scale: "linear" | "log";
  readonly domain: readonly [from: number, to: number];
  readonly ticks: readonly number[];
  readonly textOf: (value: number) => string;
}

export interface Line extends Look {
  readonly points: readonly Point[];
}

/** How a line looks, and what it is called. */
export interface Look {
  readonly name: string;
  readonly color: string;
  readonly dash?: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** The rounds lie from here … */
  readonly least: number;
  /** … to here. */
  readonly greatest: number;
}

const WIDTH = 960;
const HEIGHT = 440;
const MARGIN = { left: 76, right: 20, top: 76, bottom: 56 };
const LEGEND_ROW = 24;
const LEGEND_COLUMNS = 4;

const INK = "#24292f";
const FAINT = "#d8dee4";

/** Panels beside each other with a title above and one legend below, as an SVG that brings its own white ground. */
export function chart({
  title,
  panels,
}: {
  readonly title: string;
  readonly panels: readonly Panel[];
}): string {
  const looks = legendOf(panels);
  const rows = Math.ceil(looks.length / LEGEND_COLUMNS);
  const height = HEIGHT + rows * LEGEND_ROW + 16;
  const width = WIDTH / panels.length;
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${height}`,
      ...{ width: WIDTH, height, role: "img", "aria-label": title },
      "font-family": "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif",
      ...{ "font-size": 13, fill: INK },
    },
    [
      element("title", {}, [escaped(title)]),
      element("rect", { width: WIDTH, height, rx: 8, fill: "#ffffff" }),
      label(title, { x: WIDTH / 2, y: 30, size: 16, weight: 600 }),
      ...panels.map((panel, i) => drawn(panel, { left: i * width, width })),
      ...looks.map((look, i) => legendEntry(look, i)),
    ],
  )}\n`;
}

/** Every line once, by its name. */
const legendOf = (panels: readonly Panel[]): Look[] => [
  ...new Map(
    panels.flatMap(({ lines }) => lines).map((line) => [line.name, line]),
  ).values(),
];

function drawn(
  { title, x, y, lines }: Panel,
  { left, width }: { readonly left: number; readonly width: number },
): string {
  const right = width - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const across = scaleOf(x, [MARGIN.left, right]);
  const up = scaleOf(y, [bottom, MARGIN.top]);
  return element("g", { transform: `translate(${rounded(left)} 0)` }, [
    label(title, {
      x: (MARGIN.left + right) / 2,
      y: MARGIN.top - 16,
      weight: 600,
    }),
    ...y.ticks.map((value) =>
      rule([MARGIN.left, up(value)], [right, up(value)]),
    ),
    ...x.ticks.map((value) =>
      rule([across(value), bottom], [across(value), MARGIN.top]),
    ),
    ...y.ticks.map((value) =>
      label(y.textOf(value), {
        ...{ x: MARGIN.left - 8, y: up(value) + 4.5, anchor: "end" },
      }),
    ),
    ...x.ticks.map((value) =>
      label(x.textOf(value), { x: across(value), y: bottom + 20 }),
    ),
    label(x.title, { x: (MARGIN.left + right) / 2, y: bottom + 42 }),
    label(y.title, { ...{ x: 16, y: (MARGIN.top + bottom) / 2 }, turn: -90 }),
    ...lines.map((line) => path(line, across, up)),
  ]);
}

type Scale = (value: number) => number;

function scaleOf({ scale, domain }: Axis, range: [number, number]): Scale {
  const make = scale === "log" ? scaleLog : scaleLinear;
  const made = make().domain(domain).range(range);
  return (value) => rounded(made(value));
}

/** The line, and at each point a dot with a bar from the least to the greatest round. */
function path({ points, color, dash }: Line, across: Scale, up: Scale): string {
  return element("g", { stroke: color, "stroke-width": 2, fill: "none" }, [
    element("polyline", {
      points: points.map(({ x, y }) => `${across(x)},${up(y)}`).join(" "),
      ...{ "stroke-dasharray": dash, "stroke-linejoin": "round" },
    }),
    ...points.map(({ x, least, greatest }) =>
      element("line", {
        ...{ x1: across(x), y1: up(least), x2: across(x), y2: up(greatest) },
        "stroke-width": 1.25,
      }),
    ),
    ...points.map(({ x, y }) => dot([across(x), up(y)], color, dash)),
  ]);
}

type Place = readonly [x: number, y: number];

/** Hollow on a dashed line. */
const dot = ([cx, cy]: Place, color: string, dash?: string): string =>
  element("circle", { cx, cy, r: 3.5, fill: dash ? "#ffffff" : color });

const rule = ([x1, y1]: Place, [x2, y2]: Place): string =>
  element("line", { x1, y1, x2, y2, stroke: FAINT });

function legendEntry({ name, color, dash }: Look, i: number): string {
  const x = MARGIN.left + (i % LEGEND_COLUMNS) * 220;
  const y = HEIGHT + 12 + Math.floor(i / LEGEND_COLUMNS) * LEGEND_ROW;
  return element("g", { stroke: color, "stroke-width": 2 }, [
    element("line", {
      ...{ x1: x, y1: y, x2: x + 32, y2: y, "stroke-dasharray": dash },
    }),
    dot([x + 16, y], color, dash),
    label(name, { x: x + 40, y: y + 4.5, anchor: "start" }),
  ]);
}

interface LabelOptions {
  readonly x: number;
  readonly y: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly weight?: number;
  /** Degrees, about its place. */
  readonly turn?: number;
}

const label = (
  text: string,
  { x, y, anchor = "middle", size, weight, turn }: LabelOptions,
): string =>
  element(
    "text",
    {
      ...{ x: rounded(x), y: rounded(y), "text-anchor": anchor },
      ...{ "font-size": size, "font-weight": weight, stroke: "none" },
      transform: turn && `rotate(${turn} ${rounded(x)} ${rounded(y)})`,
    },
    [escaped(text)],
  );
