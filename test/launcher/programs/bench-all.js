// Every benchmark with every algorithm, once:  tsrun -n 3 bench-all.js. Prints what rank 0 has measured.
const { MPI } = require("tsmpi");
const { join } = require("node:path");

const load = (name) =>
  require(join(__dirname, "../../../packages/tsmpi/dist/bench", name));
const { BENCHMARKS } = load("benchmarks");
const { HintedCommunicators } = load("hinted-communicators");
const { measureSize } = load("measure-size");
const { parseBench } = load("parse");

const world = MPI.COMM_WORLD;
for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
  if (benchmark.kind === "spoken") continue;
  const once = `${name} --iterations 1 --warmup 1`;
  const all = benchmark.collective ? `${once} --algorithms all` : once;
  const communicators = new HintedCommunicators(world);
  for (const sizes of benchmark.sizes
    ? ["--bytes 0,4,1k --dtype float16", "--bytes 300k --buffers ordinary"]
    : [""]) {
    const { settings } = parseBench(`${all} ${sizes}`.trim().split(" "));
    const bench = { world, communicators, benchmark, settings, transport: "" };
    const [buffers] = settings.buffers;
    for (const bytes of settings.sizes) {
      const { measurements } = measureSize(bench, { bytes, buffers });
      if (world.rank > 0) continue;
      for (const one of measurements) console.log(JSON.stringify(one));
    }
  }
}
