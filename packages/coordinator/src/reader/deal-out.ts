import { setImmediate } from "node:timers/promises";
import { type DealEpoch, sliceRecords } from "@tsmpi/data";
import type { Outlet } from "./outlet";

/** So long all ranks wait for one to take what it was sent. */
const PATIENCE_MS = 500;

export interface DealOutOptions {
  readonly deal: DealEpoch;
  /** Nothing more comes for this rank, because of an error or in order. Once for each. */
  readonly onEnd: (outlet: Outlet, error: unknown) => void;
}

/**
 * Deals the records of an epoch out, as fast as all ranks take theirs. Where one takes none of those that are for it, and another has
 * none left, both would wait for ever if they go in step, as in training: the first one gets its records by a reading of its own from
 * there on, for as often as they are read.
 */
export async function dealOut(
  outlets: readonly Outlet[],
  options: DealOutOptions,
): Promise<void> {
  const { deal, onEnd } = options;
  const alone = new Map<Outlet, Promise<void>>();
  let current: Outlet | null = null;
  const look = () => {
    const sinceMs = current?.blockedSinceMs ?? Infinity;
    const isLong = performance.now() - sinceMs >= PATIENCE_MS;
    const others = outlets.filter((one) => one !== current && !alone.has(one));
    if (isLong && others.some(({ isIdle }) => isIdle)) current!.fallBehind();
  };
  const looking = setInterval(look, PATIENCE_MS);
  const together = () => outlets.filter((outlet) => !alone.has(outlet));
  try {
    for await (const run of deal()) {
      if (together().every(({ isStopped }) => isStopped)) break;
      for (const { to, ...dealt } of run) {
        const outlet = outlets[to]!;
        if (alone.has(outlet)) continue;
        current = outlet;
        await outlet.put(dealt);
        current = null;
        if (!outlet.isBehind) continue;
        const own = dealAlone(outlet, { ...options, to });
        alone.set(outlet, ending(own, outlet, onEnd));
      }
    }
    await Promise.all(
      together().map((outlet) => ending(outlet.end(), outlet, onEnd)),
    );
  } catch (error) {
    for (const outlet of together()) onEnd(outlet, error);
  } finally {
    clearInterval(looking);
  }
  await Promise.all(alone.values());
}

const ending = (
  work: Promise<void>,
  outlet: Outlet,
  onEnd: DealOutOptions["onEnd"],
): Promise<void> =>
  work.then(
    () => onEnd(outlet, null),
    (error: unknown) => onEnd(outlet, error),
  );

/** Goes on where it fell behind. */
async function dealAlone(
  outlet: Outlet,
  { to, deal }: DealOutOptions & { readonly to: number },
): Promise<void> {
  let had = await outlet.catchUp();
  for await (const run of deal()) {
    // Reading may take its thread for itself, and there are others to be served.
    await setImmediate();
    for (const { to: dest, file, records } of run) {
      if (outlet.isStopped) return;
      if (dest !== to) continue;
      const count = records.starts.length;
      const skipped = Math.min(had, count);
      had -= skipped;
      if (skipped === count) continue;
      const rest = sliceRecords(records, skipped, count);
      await outlet.put({ file, records: rest });
    }
  }
  await outlet.end();
}
