import { BENCHMARKS } from "./benchmarks";
import { type Measurement, measurementOf } from "./measurement";
import { reportFor, type Reported } from "./report";
import { parseBench } from "./parse";

const bench = (line: string): Reported => {
  const asked = parseBench(line.split(" "));
  if (asked === "help") throw new Error(line);
  const { settings } = asked;
  const benchmark = BENCHMARKS[settings.name];
  if (benchmark.kind === "spoken") throw new Error(line);
  return { benchmark, settings, world: { size: 4 } };
};

const measured = (
  algorithm: string,
  medianMs: number,
  transport = "ipc",
  compression: Measurement["compression"] = null,
): Measurement =>
  measurementOf(
    BENCHMARKS.allreduce,
    {
      ...{ op: "allreduce", algorithm, transport, ranks: 4 },
      ...{ bytes: 1024, dtype: "float32", buffers: "arena", compression },
    },
    Float64Array.of(medianMs),
  );
const times = [Float64Array.of(2)];

describe("a report", () => {
  it("is one object a line with --json", () => {
    const { header, lines } = reportFor(bench("allreduce --json"));
    const measurements = [measured("ring", 2), measured("gather-root", 1)];
    expect(header).toEqual([]);
    const printed = lines({ measurements, times, chosen: "ring" });
    expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual(
      measurements,
    );
    expect(Object.keys(JSON.parse(printed[0]!) as object)).toEqual(
      "op algorithm transport ranks bytes dtype buffers compression medianMs minMs q1Ms q3Ms p99Ms algbwGBps busbwGBps verified".split(
        " ",
      ),
    );
  });

  it("is a table of all figures for one algorithm", () => {
    const { header, lines } = reportFor(bench("allreduce"));
    const measurements = [measured("ring", 2)];
    expect(header[0]).toBe("allreduce of float32, 4 ranks");
    expect(header[1]!.trim().split(/ {2,}/)).toEqual(
      "bytes,transport,buffers,algorithm,median ms,min ms,quartiles ms,algbw GB/s,busbw GB/s".split(
        ",",
      ),
    );
    expect(
      lines({ measurements, times, chosen: "ring" })[0]!.trim().split(/ {2,}/),
    ).toEqual(
      "1KiB,ipc,arena,ring,2.000,2.000,2.000–2.000,0.001,0.001".split(","),
    );
  });

  it("has columns for what the benchmark has", () => {
    const titles = (line: string) =>
      reportFor(bench(line)).header[1]!.trim().split(/ {2,}/).slice(0, 4);
    expect(titles("barrier")).toEqual([
      ...["transport", "algorithm", "median ms", "min ms"],
    ]);
    expect(titles("pingpong")).toEqual([
      ...["bytes", "transport", "buffers", "median ms"],
    ]);
  });

  it("goes on with the table of the job before", () => {
    const { settings, ...rest } = bench("allreduce");
    const continued = { ...rest, settings: { ...settings, continues: true } };
    expect(reportFor(continued).header).toEqual([]);
  });

  it("names every transport that the algorithms of a row have used, and leaves out what cannot run", () => {
    const { lines } = reportFor(
      bench("allreduce --algorithms ring,direct,rabenseifner"),
    );
    const measurements = [measured("ring", 2), measured("direct", 1, "shm")];
    const row = lines({ measurements, times, chosen: "direct" })[0]!;
    expect(row.trim().split(/ {2,}/)).toEqual([
      ...["1KiB", "ipc+shm", "arena", "2.000", "1.000", "–"],
      "direct, as select takes",
    ]);
  });

  it("says of several algorithms which wins and which select takes", () => {
    const algorithms = "allreduce --algorithms ring,recursive-doubling";
    const { header, lines } = reportFor(bench(algorithms));
    const measurements = [
      measured("ring", 2),
      measured("recursive-doubling", 1),
    ];
    expect(header[1]).toMatch(/bytes .* ring +recursive-doubling +fastest$/);
    const last = (chosen: string) =>
      lines({ measurements, times, chosen })[0]!.split(/ {2,}/).slice(-1)[0];
    expect(last("recursive-doubling")).toBe(
      "recursive-doubling, as select takes",
    );
    expect(last("ring")).toBe(
      "recursive-doubling; select takes ring, 2.00 times as long",
    );
    expect(last("rabenseifner")).toBe(
      "recursive-doubling; select takes rabenseifner",
    );
  });

  it("shows compressions beside algorithms, by their own names", () => {
    const { header, lines } = reportFor(
      bench("allreduce --compression none,fp16,int8"),
    );
    expect(header[1]).toMatch(/buffers +auto +fp16 +int8 +fastest$/);
    const measurements = [
      measured("ring", 2),
      measured("compressed", 1, "ipc", "fp16"),
      measured("compressed", 3, "ipc", "int8"),
    ];
    const row = lines({ measurements, times, chosen: "ring" })[0]!;
    expect(row.trim().split(/ {2,}/)).toEqual([
      ...["1KiB", "ipc", "arena", "2.000", "1.000", "3.000"],
      "fp16; select takes ring, 2.00 times as long",
    ]);
    const alone = reportFor(bench("allreduce --compression fp16"));
    expect(alone.header[1]).toContain("quartiles");
  });

  it("is mpi4py's sentence for ringtest", () => {
    const { lines } = reportFor(bench("ringtest --loop 2"));
    const one = { ...measured("point-to-point", 1), bytes: 7 };
    const all = { measurements: [one], times: [Float64Array.of(250, 500)] };
    expect(lines({ ...all, chosen: null })).toEqual([
      "time for 2 loops = 0.750000 seconds (4 processes, 7 bytes)",
    ]);
  });
});
