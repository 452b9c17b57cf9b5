import { ALGORITHM_NAMES } from "@tsmpi/collective";
import { BENCHMARK_NAMES, benchmarkNamed } from "./benchmarks";
import { type BenchAsked, parseBench } from "./parse";

const words = (line: string) => (line === "" ? [] : line.split(" "));
const parse = (line: string) => parseBench(words(line)) as BenchAsked;

describe("the command line of tsrun bench", () => {
  it.each([
    "allreduce -n 4 --json",
    "-n 4 allreduce --json",
    "-n 4 --json allreduce",
  ])("may have the name anywhere: %s", (line) => {
    const { settings, ranks } = parse(line);
    expect(settings).toMatchObject({ name: "allreduce", json: true });
    expect(ranks).toBe(4);
  });

  it("has defaults for whatever is measured", () => {
    for (const name of BENCHMARK_NAMES) {
      const { settings } = parse(name);
      const { kind } = benchmarkNamed(name);
      expect(settings.sizes.length > 0 || kind === "spoken").toBe(true);
      expect(settings).toMatchObject({ buffers: ["arena"], json: false });
    }
    expect(parse("allreduce").settings).toMatchObject({
      ...{ dtype: "float32", algorithms: ["auto"] },
      ...{ warmup: null, iterations: null },
    });
    expect(parse("pingpong").settings).toMatchObject({
      ...{ dtype: "uint8", algorithms: [] },
    });
  });

  it("takes all algorithms, or some", () => {
    expect(parse("bcast --algorithms all").settings.algorithms).toEqual(
      ALGORITHM_NAMES.bcast.filter((name) => name !== "auto"),
    );
    expect(
      parse("reduce_scatter --algorithms ring,auto,ring").settings.algorithms,
    ).toEqual(["ring", "auto"]);
  });

  it("takes mpi4py's names for its flags", () =>
    expect(
      parse("ringtest --loop 10 --skip 2 --size 64").settings,
    ).toMatchObject({ iterations: 10, warmup: 2, sizes: [64] }));

  it("hands on what is for the launcher", () => {
    const { jobs, variables } = parse(
      "barrier --transport tcp --timeout 9 --tag-output -x A=1",
    );
    expect(jobs).toEqual([
      expect.objectContaining({
        ...{ transport: "tcp", timeoutMs: 9_000, tagOutput: true, stdin: null },
      }),
    ]);
    expect(variables).toEqual([["A", "1"]]);
  });

  it("runs a job for each transport, each once, and one where none is named", () => {
    const transports = (line: string) =>
      parse(line).jobs.map(({ transport }) => transport);
    expect(transports("barrier --transport shm,ipc,tcp,ipc")).toEqual([
      "shm",
      "ipc",
      "tcp",
    ]);
    expect(transports("barrier")).toEqual([null]);
  });

  it("takes buffers of both kinds", () =>
    expect(parse("bcast --buffers ordinary,arena").settings.buffers).toEqual([
      "ordinary",
      "arena",
    ]));

  it("takes compressions alone, or beside algorithms", () => {
    const both = (line: string) => {
      const { algorithms, compressions } = parse(line).settings;
      return [...algorithms, ...compressions];
    };
    expect(both("allreduce --compression fp16")).toEqual(["fp16"]);
    expect(both("allreduce --compression none,int8")).toEqual(["auto", "int8"]);
    expect(both("allreduce --compression int8 --algorithm ring")).toEqual([
      ...["ring", "int8"],
    ]);
    expect(both("allreduce --compression none")).toEqual(["auto"]);
  });

  it.each(["--bytes", "--sizes", "--size"])("takes sizes after %s", (flag) =>
    expect(parse(`bcast ${flag} 4,64Ki,25e6`).settings.sizes).toEqual([
      4, 65536, 25e6,
    ]),
  );

  it.each([
    ["-n 2", "which benchmark? There are: helloworld, ringtest,"],
    ["allredcue", 'unknown benchmark "allredcue"; did you mean "allreduce"?'],
    ["bcast gather", '"gather" is one word too many'],
    ["bcast --sise 8", "unknown flag --sise; did you mean --size?"],
    ["bcast --allreduce ring", "unknown flag --allreduce"],
    ["bcast --sizes 8,", '--bytes "" is no number of bytes'],
    ["bcast --sizes 6", "no whole number of float32 elements"],
    [
      "bcast --dtype float31",
      'unknown --dtype "float31"; did you mean "float32"?',
    ],
    [
      "bcast --buffers arena,heap",
      'unknown --buffers "heap"; there are: arena, ordinary',
    ],
    [
      "bcast --transport ipc,tcp --summary f.json",
      "--summary is for one job, and each transport has its own; name one",
    ],
    ["bcast --algorithms rong", "unknown bcast algorithm"],
    [
      "gather --algorithms bruck",
      "there are: auto, binomial, linear, direct, all",
    ],
    ["bcast --iterations 0", '--iterations "0" is no number of runs'],
    ["bcast --warmup -1", '--warmup "-1" is no number of runs'],
    ["bcast --warmup", "--warmup needs a value, as in --warmup 20"],
    ["bcast -n 0", '-n "0" is not a number of ranks'],
    [
      "allreduce --compression zip",
      'unknown --compression "zip"; there are: none, bf16, fp16, int8',
    ],
    [
      "allreduce --compression fp16 --dtype int32",
      "--compression fp16 is for float32, not for int32; leave --dtype or --compression out",
    ],
    ["bcast --compression fp16", "bcast takes no --compression"],
    ["barrier --sizes 8", "barrier takes no --bytes"],
    ["pingpong --algorithms all", "pingpong takes no --algorithms"],
    ["helloworld --json", "helloworld takes no --json"],
  ])("refuses %s", (line, text) => expect(() => parse(line)).toThrow(text));
});
