import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { allreducePlot } from "./plots/allreduce-plot.ts";
import { stepPlot } from "./plots/step-plot.ts";
import type { Results } from "./results.ts";
import { section, withSection } from "./section.ts";

/** Markdown with its tables aligned. */
export const aligned = (markdown: string): Promise<string> =>
  format(markdown, { parser: "markdown" });

/** @throws the file is not there, or no results */
export function readResults(file: string): Results {
  const results = JSON.parse(readFileSync(file, "utf8")) as Partial<Results>;
  if (results.allreduceMs && results.samplesPerS && results.machine)
    return results as Results;
  throw new Error(
    `${file} has no results; give a peers.json that bench:peers has written`,
  );
}

/** Saves what was measured. @param docs the folder with performance.md */
export async function writeResults(
  docs: string,
  results: Results,
): Promise<void> {
  mkdirSync(join(docs, "plots"), { recursive: true });
  const json = await format(JSON.stringify(results), { parser: "json" });
  writeFileSync(join(docs, "plots/peers.json"), json);
}

/** Writes the plots, and the section of performance.md. @throws it has no place for it */
export async function writeDocs(docs: string, results: Results): Promise<void> {
  const performance = join(docs, "performance.md");
  const text = withSection(readFileSync(performance, "utf8"), section(results));
  mkdirSync(join(docs, "plots"), { recursive: true });
  if (results.allreduceMs.length > 0)
    writeFileSync(join(docs, "plots/allreduce.svg"), allreducePlot(results));
  if (results.samplesPerS.length > 0)
    writeFileSync(join(docs, "plots/step.svg"), stepPlot(results));
  writeFileSync(performance, await aligned(text));
}
