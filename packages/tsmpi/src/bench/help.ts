import { parserFor } from "../flags";
import { withoutTypes } from "../help";
import { benchmarkNamed, BENCHMARK_NAMES } from "./benchmarks";
import { BENCH_FLAGS } from "./flags";

export const benchHelp = (): Promise<string> =>
  parserFor([], { flags: BENCH_FLAGS, haltAtWord: false })
    .scriptName("tsrun bench")
    .usage(
      [
        "tsrun bench measures messages and collectives, and verifies every result.",
        "",
        "  tsrun bench NAME [flags]",
        "",
        "Benchmarks:",
        ...BENCHMARK_NAMES.map(
          (name) => `  ${name.padEnd(15)} ${benchmarkNamed(name).summary}`,
        ),
      ].join("\n"),
    )
    .updateStrings({ "Options:": "Flags:" })
    .epilogue(
      [
        "Examples:",
        "  tsrun bench pingpong -n 2                                latency and bandwidth by size",
        "  tsrun bench allreduce -n 4 --algorithms all              which algorithm wins where",
        "  tsrun bench allreduce -n 4 --transport shm,ipc,tcp --buffers arena,ordinary",
        "  tsrun bench alltoall -n 4 --bytes 8,64Ki,25e6 --json     for programs",
        "  tsrun bench ringtest -n 4 --loop 1000 --size 1Ki         once more round the ring",
      ].join("\n"),
    )
    .wrap(100)
    .getHelp()
    .then(withoutTypes);
