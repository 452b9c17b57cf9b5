import { stratifiedRouter } from "../../partition/routers";
import { byKey } from "../by-router";
import { defineDeal } from "../deal";

/** Of each value of a field, a label for instance, all ranks get equally many records, but for one. */
export const stratified = defineDeal<{
  readonly by: "stratified";
  /** A field. */
  readonly key: string;
}>({
  name: "stratified",
  summary: "of each value of a field equally many records to each rank",
  takes: ["key"],
  isByValue: true,
  unevenBy: () => null,
  dealer: (_, size, route) => byKey(stratifiedRouter(size), route),
});
