import { hashRouter } from "../../partition/routers";
import { byKey } from "../by-router";
import { defineDeal } from "../deal";

/** Records with one value in a field go to one rank, in every epoch; values are spread evenly. */
export const hash = defineDeal<{
  readonly by: "hash";
  /** A field. */
  readonly key: string;
}>({
  name: "hash",
  summary: "records with one value in a field to one rank",
  takes: ["key"],
  isByValue: true,
  unevenBy: () => null,
  dealer: (_, size, route) => byKey(hashRouter(size), route),
});
