import { writeSync } from "node:fs";
import { startInstalled } from "../engines/tensorflow";
import { loadEngine } from "../load";
import { testTraining } from "./training";
import type { SelfTest, SelfTestReport } from "./run";

/** Argument: a SelfTest as JSON. Prints a SelfTestReport as JSON, the last line of stdout. */
async function main({
  directory,
  engine,
  device,
}: SelfTest): Promise<SelfTestReport> {
  const startMs = performance.now();
  const started =
    directory === undefined
      ? loadEngine({ engine, device })
      : {
          ...startInstalled(directory),
          name: "tensorflow",
          why: "it was set up",
        };
  const loadedMs = performance.now();
  const { name, version, why, tf } = started;
  await testTraining(tf);
  return {
    engine: { name, device: started.device, version, why },
    loadMs: Math.round(loadedMs - startMs),
    testMs: Math.round(performance.now() - loadedMs),
  };
}

void main(JSON.parse(process.argv[2]!) as SelfTest)
  .catch((error: Error) => ({ problem: error.message }))
  .then((report) => {
    writeSync(1, "\n" + JSON.stringify(report) + "\n");
  });
