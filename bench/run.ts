// All-reduce by algorithm, transport and number of ranks, as a table:  npm run bench [-- --ranks 2,4 --transports ipc,tcp]
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ALLREDUCE_NAMES } from "@tsmpi/collective";

interface Line {
  readonly bytes: number;
  readonly medianMs: number;
}

const { values: options } = parseArgs({
  options: {
    ranks: { type: "string", default: "2,4" },
    transports: { type: "string", default: "ipc,tcp" },
  },
});

const launcher = fileURLToPath(
  new URL("../packages/tsmpi/bin/tsrun.js", import.meta.url),
);
const program = fileURLToPath(new URL("./allreduce.ts", import.meta.url));

function run(ranks: string, transport: string, algorithm: string): Line[] {
  const flags = ["--transport", transport, "--allreduce", algorithm];
  const output = execFileSync(
    process.execPath,
    [launcher, "-n", ranks, ...flags, program],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

for (const ranks of options.ranks.split(","))
  for (const transport of options.transports.split(",")) {
    const algorithms = ALLREDUCE_NAMES.filter((name) => name !== "auto");
    const columns = algorithms.map((name) => run(ranks, transport, name));
    console.log(`\n${ranks} ranks, ${transport}: median ms`);
    console.log(
      ["bytes".padStart(9), ...algorithms.map((n) => n.padStart(18))].join(" "),
    );
    columns[0]!.forEach(({ bytes }, row) =>
      console.log(
        [
          String(bytes).padStart(9),
          ...columns.map((lines) =>
            lines[row]!.medianMs.toFixed(3).padStart(18),
          ),
        ].join(" "),
      ),
    );
  }
