import { cyclicRouter } from "../../partition/routers";
import { byPlace } from "../by-router";
import { defineDeal } from "../deal";

/** Record i of the epoch goes to rank i modulo the number of ranks. */
export const cyclic = defineDeal<{ readonly by: "cyclic" }>({
  name: "cyclic",
  summary: "one record after the other to one rank after the other",
  takes: [],
  isByValue: false,
  unevenBy: () => 1,
  dealer: (_, size) => byPlace(cyclicRouter(size)),
});
