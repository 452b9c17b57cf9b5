import type { RankAddress } from "@tsmpi/protocol";
import { type Effect, nothing, type Service } from "../service";

/** What one rank has reported since its memory last shrank. */
interface Growth {
  /** Reports in a row, each with more than the one before. */
  readonly reports: number;
  readonly startMs: number;
  readonly startBytes: number;
  /** Of the last reports, up to `END_REPORTS` and the one before them, in order. */
  readonly latest: readonly number[];
  /** At the last warning; null before the first. */
  readonly warnedBytes: number | null;
}

interface State {
  readonly addresses: readonly RankAddress[];
  readonly growths: ReadonlyMap<number, Growth>;
}

/** Growth that goes on for so many reports is steady: caches and buffers fill up sooner. */
const STEADY_REPORTS = 6;
const LEAST_GROWTH_BYTES = 96 * 2 ** 20;
const LEAST_GROWTH = 1.25;
/** What fills up grows less and less: the last reports must have grown nearly as fast as all of them. */
const END_REPORTS = 3;
const LEAST_OF_MEAN = 2 / 3;

/** Watches the resident memory of all ranks, and names one that grows steadily, before the machine ends it. Again at its double. */
export const memory: Service<State> = {
  name: "memory",
  handles: ["memory"],
  start: () => ({ addresses: [], growths: new Map() }),

  step(state, event, nowMs) {
    if (event.type === "announced" && event.news.type === "assembled")
      return nothing({ ...state, addresses: event.news.addresses });
    if (event.type !== "message" || event.message.type !== "memory")
      return nothing(state);
    const { rank } = event;
    const { residentBytes } = event.message;
    const growth = grow(state.growths.get(rank), residentBytes, nowMs);
    const isNews = isSteady(growth);
    const next = isNews ? { ...growth, warnedBytes: residentBytes } : growth;
    const growths = new Map(state.growths).set(rank, next);
    const address = state.addresses.find((one) => one.rank === rank);
    const effects: Effect[] =
      isNews && address
        ? [{ type: "warn", text: describe(address, growth, nowMs) }]
        : [];
    return { state: { ...state, growths }, effects, reason: null };
  },
};

function grow(
  before: Growth | undefined,
  bytes: number,
  nowMs: number,
): Growth {
  if (before && bytes > before.latest.at(-1)!) {
    const latest = [...before.latest, bytes].slice(-END_REPORTS - 1);
    return { ...before, reports: before.reports + 1, latest };
  }
  return {
    ...{ reports: 0, startMs: nowMs, startBytes: bytes, latest: [bytes] },
    warnedBytes: before?.warnedBytes ?? null,
  };
}

function isSteady(growth: Growth): boolean {
  const { reports, startBytes, latest, warnedBytes } = growth;
  if (reports < STEADY_REPORTS) return false;
  const bytes = latest.at(-1)!;
  const mean = (bytes - startBytes) / reports;
  return (
    bytes - startBytes >= LEAST_GROWTH_BYTES &&
    bytes >= LEAST_GROWTH * startBytes &&
    (bytes - latest[0]!) / END_REPORTS >= LEAST_OF_MEAN * mean &&
    bytes >= 2 * (warnedBytes ?? 0)
  );
}

const describe = (
  { rank, host, pid }: RankAddress,
  { startMs, startBytes, latest }: Growth,
  nowMs: number,
): string =>
  `rank ${rank} (host ${host}, pid ${pid}): resident memory grows steadily, from ${mebibytes(startBytes)} to ${mebibytes(latest.at(-1)!)} MiB in ${Math.round((nowMs - startMs) / 1000)} s; tsrun --check-leaks finds training steps that leave tensors behind`;

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
