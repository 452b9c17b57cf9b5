import { InfoKeyError, InfoValueError } from "@tsmpi/protocol";
import { Info, INFO_NULL } from "../info";
import { algorithmHints, assertSameHints } from "./hints";

describe("algorithmHints", () => {
  it("reads the keys that name a collective, and leaves other people's alone", () => {
    const info = Info.Create({
      tsmpi_algorithm_reduce_scatter: "ring",
      tsmpi_algorithm_bcast: "auto",
      striping_unit: "4",
    });
    expect(algorithmHints(info)).toEqual({
      reduceScatter: "ring",
      bcast: "auto",
    });
  });

  it.each([null, INFO_NULL])("says nothing where there is no info", (info) =>
    expect(algorithmHints(info)).toBeNull(),
  );

  it("refuses a collective that there is not, and suggests the nearest", () => {
    const info = Info.Create({ tsmpi_algorithm_allredcue: "ring" });
    expect(() => algorithmHints(info)).toThrow(InfoKeyError);
    expect(() => algorithmHints(info)).toThrow(
      'unknown hint "tsmpi_algorithm_allredcue"; did you mean "tsmpi_algorithm_allreduce"?',
    );
  });

  it("refuses an algorithm that the collective has not, and lists those it has", () => {
    const info = Info.Create({ tsmpi_algorithm_barrier: "ring" });
    expect(() => algorithmHints(info)).toThrow(InfoValueError);
    expect(() => algorithmHints(info)).toThrow(
      "there are: auto, dissemination",
    );
  });
});

describe("assertSameHints", () => {
  it("takes ranks that ask for the same", () =>
    expect(() =>
      assertSameHints([{ bcast: "chain" }, { bcast: "chain" }]),
    ).not.toThrow());

  it("names two ranks that do not", () =>
    expect(() => assertSameHints([{}, {}, { bcast: "chain" }])).toThrow(
      'rank 0 for {}, rank 2 for {"bcast":"chain"}',
    ));
});
