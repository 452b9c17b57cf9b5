import { COMMS, type Suite } from "../suite.mts";
import { neighborCases } from "../support/neighbor-collectives.mts";

export const suites: readonly Suite[] = [
  { name: "CCONghBuf", comms: COMMS, cases: neighborCases(["persistent"]) },
];
