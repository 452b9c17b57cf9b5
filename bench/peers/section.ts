import { machineText } from "./machine.ts";
import { type Results, valuesOf } from "./results.ts";
import { HOSTS } from "./hosts.ts";
import {
  hostsTable,
  ratiosTable,
  stepTable,
  targetsTable,
  timesTable,
} from "./tables.ts";

export const BEGIN = "<!-- peers:begin -->";
export const END = "<!-- peers:end -->";

/** What performance.md says between the two marks. */
export function section(results: Results): string {
  const { date, command, machine, allreduceMs, samplesPerS } = results;
  const { hostsMs = [] } = results;
  const rounds = Math.max(
    ...[...allreduceMs, ...samplesPerS, ...hostsMs].map(
      (series) => series.rounds.length,
    ),
  );
  const ranks = valuesOf(allreduceMs, "ranks");
  return [
    `\`${command}\`, ${date}; ${machineText(machine)}. ${rounds} round${rounds === 1 ? "" : "s"}, in each of which ours and the peers take turns; of the ratios of the rounds the median, and in brackets the least and the greatest. float32 sums in place, one thread a rank, each run behind a barrier and as long as on its slowest rank. This section is written by that command; what it measured lies in [peers.json](plots/peers.json).`,
    targetsTable(results),
    ...(ranks.length === 0
      ? []
      : [
          "![Time of an all-reduce by size](plots/allreduce.svg)",
          "Times of ours ÷ those of the peers; lower is better:",
          ...ranks.map((n) => ratiosTable(results, n)),
          "Milliseconds, medians of the rounds:",
          ...ranks.map((n) => timesTable(results, n)),
        ]),
    ...(hostsMs.length === 0
      ? []
      : [
          `All-reduce over ${HOSTS.count} hosts, network namespaces with a link of ${HOSTS.mbitPerS} Mbit/s each (tbf, no delay), ${HOSTS.ranksPerHost} ranks a host; the wire's is what 2(h − 1)/h of the bytes take at that rate; lower is better:`,
          hostsTable(results),
        ]),
    ...(samplesPerS.length === 0
      ? []
      : [
          "![Samples a second by ranks](plots/step.svg)",
          "Training step, batch 64 a rank, Adam, ours on native TensorFlow; scaling is samples a second ÷ (ranks × those of one rank); higher is better:",
          stepTable(results),
        ]),
  ].join("\n\n");
}

/** The text with the section between its two marks. @throws they are not there, each once and in order */
export function withSection(text: string, section: string): string {
  const [before, rest, ...more] = text.split(BEGIN);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (after === undefined || more.length + others.length > 0)
    throw new Error(
      `the text has to have ${BEGIN} and ${END} once each, in this order: the section goes between them`,
    );
  return `${before}${BEGIN}\n\n${section}\n\n${END}${after}`;
}
