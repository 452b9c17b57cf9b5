import type { RankAddress } from "@tsmpi/protocol";
import { type Effect, nothing, type Service } from "../service";

/** What one rank has reported since its memory last shrank. */
interface Growth {
  /** Reports in a row, each with more than the one before. */
  readonly reports: number;
  readonly startMs: number;
  readonly startBytes: number;
  readonly bytes: number;
  /** At the last warning; null before the first. */
  readonly warnedBytes: number | null;
}

interface State {
  readonly addresses: readonly RankAddress[];
  readonly growths: ReadonlyMap<number, Growth>;
}

/** Growth that goes on for so many reports is steady: caches and buffers fill up sooner. */
const STEADY_REPORTS = 6;
const LEAST_GROWTH_BYTES = 64 * 2 ** 20;
const LEAST_GROWTH = 1.25;

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
  if (before && bytes > before.bytes)
    return { ...before, reports: before.reports + 1, bytes };
  return {
    ...{ reports: 0, startMs: nowMs, startBytes: bytes, bytes },
    warnedBytes: before?.warnedBytes ?? null,
  };
}

const isSteady = ({
  reports,
  startBytes,
  bytes,
  warnedBytes,
}: Growth): boolean =>
  reports >= STEADY_REPORTS &&
  bytes - startBytes >= LEAST_GROWTH_BYTES &&
  bytes >= LEAST_GROWTH * startBytes &&
  bytes >= 2 * (warnedBytes ?? 0);

const describe = (
  { rank, host, pid }: RankAddress,
  { startMs, startBytes, bytes }: Growth,
  nowMs: number,
): string =>
  `rank ${rank} (host ${host}, pid ${pid}): resident memory grows steadily, from ${mebibytes(startBytes)} to ${mebibytes(bytes)} MiB in ${Math.round((nowMs - startMs) / 1000)} s; tsrun --check-leaks finds training steps that leave tensors behind`;

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
