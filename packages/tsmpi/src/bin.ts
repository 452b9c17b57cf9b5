import { EnvironmentError, TsmpiError } from "@tsmpi/protocol";
import { isCommandName, REGISTRY } from "./commands";
import { EXIT_USAGE } from "./exit-codes";
import { UsageError } from "./usage-error";

/** The entry of `tsrun`: a subcommand by its name, else `run`. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    if (process.platform === "win32")
      throw new UsageError(
        "Windows is not supported: ranks need process groups and signals; run it in WSL",
      );
    const name = argv[0];
    if (!isCommandName(name)) {
      const { command } = await REGISTRY.run();
      return await command.run(argv, REGISTRY);
    }
    const { command } = await REGISTRY[name]();
    return await command.run(argv.slice(1), REGISTRY);
  } catch (error) {
    if (!(error instanceof TsmpiError)) throw error;
    process.stderr.write(`tsrun: ${error.message}\n`);
    return error instanceof UsageError || error instanceof EnvironmentError
      ? EXIT_USAGE
      : 1;
  }
}

void main(process.argv.slice(2)).then((exitCode) => {
  // Not process.exit: what is still on its way to a slow reader must arrive.
  process.exitCode = exitCode;
});
