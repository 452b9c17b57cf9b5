import type { FileRecords } from "../feed";
import type { Key, Router } from "../partition/routers";
import { sliceRecords } from "../records/raw-records";
import type { Dealer, Dealt, RouteByKey } from "./deal";

/** Deals by where a record stands among those of the epoch. */
export const byPlace = (router: Router): Dealer => ({
  deal: (run) => dealt(run, () => router()),
});

/** Deals by a value of each record. */
export const byKey = (router: Router<Key>, route: RouteByKey): Dealer => ({
  deal: (run) => dealt(run, (index) => route(run, index, router)),
});

/** Neighbours that go to one rank stay together. */
function* dealt(
  { file, records }: FileRecords,
  rankOf: (index: number) => number,
): Generator<Dealt> {
  const count = records.starts.length;
  let [from, to] = [0, count > 0 ? rankOf(0) : 0];
  for (let index = 1; index <= count; index++) {
    const next = index < count ? rankOf(index) : null;
    if (next === to) continue;
    yield { to, file, records: sliceRecords(records, from, index) };
    if (next !== null) [from, to] = [index, next];
  }
}
