import { gatherFacts } from "../doctor/facts";
import { findProblems } from "../doctor/problems";
import { describeFacts } from "../doctor/text";
import { checkNames } from "../prepare";
import { subcommandParser } from "../subcommand-parser";
import type { Command } from "../command";

/** What a job would find on this machine. Exit code 0 only if the engine that it would get passes a real training self-test. */
export const command: Command = {
  summary: "what a job finds on this machine, and what would make it better",
  async run(argv) {
    const parsed = await subcommandParser({
      name: "doctor",
      summary:
        "Looks at engine, CPU, GPUs, limits and libraries; trains a little. Exit code 0: the engine trains.",
      options: {
        json: { type: "boolean", describe: "one JSON object, for programs" },
        engine: {
          type: "string",
          describe: "test this engine instead of the one that a job would get",
        },
        device: { type: "string", describe: "test it on gpu or cpu" },
      },
    })(argv);
    if (parsed === "help") return 0;
    const { json, engine, device } = parsed;
    await checkNames({
      ...{ allreduce: null, compression: null, transport: null },
      engine: engine ?? null,
      device: device ?? null,
    });
    const facts = await gatherFacts({ engine, device });
    const problems = findProblems(facts);
    process.stdout.write(
      json
        ? JSON.stringify({ ...facts, problems }, null, 2) + "\n"
        : describeFacts(facts, problems) + "\n",
    );
    return facts.engine === null ? 1 : 0;
  },
};
