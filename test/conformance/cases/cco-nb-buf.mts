import { COMMS, type Suite } from "../suite.mts";
import {
  bufferCases,
  inPlaceBufferCases,
} from "../support/buffer-collectives.mts";

export const suites: readonly Suite[] = [
  { name: "CCOBuf", comms: COMMS, cases: bufferCases("non-blocking") },
  {
    name: "CCOBufInplace",
    comms: ["SELF", "WORLD"],
    cases: inPlaceBufferCases("non-blocking"),
  },
];
