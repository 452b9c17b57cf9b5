import { DTYPES, dtypeCode } from "@tsmpi/protocol";
import {
  commutes,
  isAverage,
  itemLength,
  REDUCE_OPS,
  reduceOpCode,
  reduceOpFromCode,
} from "./reduce-ops";

describe("codes on the wire", () => {
  it("are one each, never 0, and fit a byte", () => {
    for (const codes of [REDUCE_OPS.map(reduceOpCode), DTYPES.map(dtypeCode)]) {
      expect(new Set(codes).size).toBe(codes.length);
      for (const code of codes) expect(code).toBeGreaterThan(0);
      for (const code of codes) expect(code).toBeLessThan(256);
    }
    for (const op of REDUCE_OPS)
      expect(reduceOpFromCode(reduceOpCode(op))).toBe(op);
    expect(reduceOpFromCode(0)).toBeNull();
  });
});

describe("an op", () => {
  it("commutes, unless it keeps one of the two", () => {
    expect(REDUCE_OPS.filter((op) => !commutes(op))).toEqual([
      "REPLACE",
      "NO_OP",
    ]);
  });

  it("takes single elements, unless it locates one", () => {
    expect(REDUCE_OPS.filter((op) => itemLength(op) === 2)).toEqual([
      "MINLOC",
      "MAXLOC",
    ]);
  });

  it("is divided at its end only if it averages", () => {
    expect(REDUCE_OPS.filter(isAverage)).toEqual(["AVG"]);
  });
});
