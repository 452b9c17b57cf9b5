import { COMMS, type Suite } from "../suite.mts";
import {
  inPlaceVectorCases,
  vectorCases,
} from "../support/vector-collectives.mts";

export const suites: readonly Suite[] = [
  { name: "CCOVec", comms: COMMS, cases: vectorCases("blocking") },
  {
    name: "CCOVecInplace",
    comms: ["SELF", "WORLD"],
    cases: inPlaceVectorCases("blocking"),
  },
];
