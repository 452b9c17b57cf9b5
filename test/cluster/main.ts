// Tests what needs more hosts than there are here, on hosts that it makes:  npm run test:cluster -- docker
import { SUITES } from "./suites.ts";

async function main([name, ...rest]: readonly string[]): Promise<void> {
  const suite = Object.entries(SUITES).find(([known]) => known === name)?.[1];
  if (suite === undefined || rest.length > 0)
    throw new Error(
      `name one of ${Object.keys(SUITES).join(", ")}, as in npm run test:cluster -- docker`,
    );
  const outcome = await (await suite()).run();
  if ("skipped" in outcome) return console.log(`skipped: ${outcome.skipped}`);
  console.log(`${outcome.passed} passed, ${outcome.failed} failed`);
  if (outcome.failed > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`test:cluster: ${error.message}`);
  process.exitCode = 1;
});
