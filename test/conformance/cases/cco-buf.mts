import { MPI } from "tsmpi";
import { KINDS } from "../arrays.mts";
import { equal, throws } from "../check.mts";
import { COMMS, type Suite } from "../suite.mts";
import {
  bufferCases,
  inPlaceBufferCases,
} from "../support/buffer-collectives.mts";
import { method } from "../support/forms.mts";

const LOCAL = [
  { name: "SUM", result: (i: number) => i + (i + 1) },
  { name: "PROD", result: (i: number) => i * (i + 1) },
  { name: "MAX", result: (i: number) => i + 1 },
  { name: "MIN", result: (i: number) => i },
] as const;

const reduceLocal = (
  op: (typeof LOCAL)[number]["name"],
  lower: unknown,
  both: unknown,
): unknown => method(MPI[op], "Reduce_local")(lower, both);

export const suites: readonly Suite[] = [
  { name: "CCOBuf", comms: COMMS, cases: bufferCases("blocking") },
  {
    name: "CCOBufInplace",
    comms: ["SELF", "WORLD"],
    cases: inPlaceBufferCases("blocking"),
  },
  {
    name: "ReduceLocal",
    cases: {
      "Reduce_local leaves the result in its second buffer, the first alone":
        () => {
          for (const { name, result } of LOCAL)
            for (const kind of KINDS) {
              const lower = kind.from(5, (i) => i + 1);
              const both = kind.from(5, (i) => i);
              reduceLocal(name, kind.message(lower), kind.message(both));
              equal(both, kind.from(5, result));
              equal(
                lower,
                kind.from(5, (i) => i + 1),
              );
            }
        },

      "Reduce_local refuses two counts": () => {
        for (const { name } of LOCAL)
          for (const kind of KINDS) {
            const lower = kind.from(3, (i) => i);
            const both = kind.from(3, (i) => i);
            throws(
              () =>
                reduceLocal(name, [lower, 2, kind.name], [both, 3, kind.name]),
              "ERR_COUNT",
            );
            equal(
              both,
              kind.from(3, (i) => i),
            );
          }
      },

      "Reduce_local refuses two datatypes": () => {
        for (const { name } of LOCAL) {
          throws(
            () =>
              MPI[name].Reduce_local(
                [new Int32Array(3), 1, MPI.INT],
                [new Int16Array(3), 1, MPI.SHORT],
              ),
            ["ERR_TYPE", "ERR_ARG"],
          );
          throws(
            () =>
              MPI[name].Reduce_local(
                [new Uint16Array(3), MPI.FLOAT16],
                [new Uint16Array(3), MPI.BFLOAT16],
              ),
            ["ERR_TYPE", "ERR_ARG"],
          );
        }
      },
    },
  },
];
