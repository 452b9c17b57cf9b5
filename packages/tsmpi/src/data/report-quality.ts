import { describeReport, joinReports, type QualityReport } from "@tsmpi/data";

/** Says on stderr which records were bad, if any were. */
export function reportQuality(reports: readonly QualityReport[]): void {
  const text = describeReport(joinReports(reports));
  if (text !== null) process.stderr.write(`tsrun: ${text}\n`);
}
