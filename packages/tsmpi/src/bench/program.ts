import { readEnvironment } from "@tsmpi/protocol";
import { chooseTransport } from "@tsmpi/transport";
import { MPI } from "@tsmpi/worker";
import { benchmarkNamed } from "./benchmarks";
import { HintedCommunicators } from "./hinted-communicators";
import { measureSize } from "./measure-size";
import { reportFor } from "./report";
import type { BenchSettings } from "./settings";

/** The program of each rank under `tsrun bench`. Its argument is what is asked for, as JSON. */
function main(settings: BenchSettings): void {
  const world = MPI.COMM_WORLD;
  const benchmark = benchmarkNamed(settings.name);
  const print = (text: string): void => {
    if (world.rank === 0) process.stdout.write(`${text}\n`);
  };
  if (benchmark.kind === "spoken") return print(benchmark.run(world));
  const environment = readEnvironment(process.env);
  const transport = chooseTransport(environment.transport, environment);
  const communicators = new HintedCommunicators(world);
  const bench = { world, communicators, benchmark, settings, transport };
  const report = reportFor(bench);
  report.header.forEach(print);
  for (const bytes of settings.sizes)
    for (const buffers of settings.buffers)
      report.lines(measureSize(bench, { bytes, buffers })).forEach(print);
}

main(JSON.parse(process.argv[2]!) as BenchSettings);
