import {
  type Catalogue,
  type FileRecords,
  QualityGuard,
  type QualityReport,
} from "@tsmpi/data";
import { blockOf } from "@tsmpi/protocol";
import { findContents, recordsBetween, recordsOfFile } from "../contents";
import type { BadRecordOptions } from "../data-flags";
import { decoderOf } from "../decoded";
import { InputProgress } from "../input-progress";
import type { Team } from "../team";
import {
  FieldCounter,
  type FieldStatistics,
  joinStatistics,
  NO_STATISTICS,
} from "./field-statistics";

/** Plain data. */
export interface StatisticsTask {
  readonly catalogue: Catalogue;
  readonly quality: BadRecordOptions;
}

/** What records are like, field by field. Plain data. */
export interface DatasetStatistics {
  readonly records: number;
  readonly fields: Readonly<Record<string, FieldStatistics>>;
  readonly report: QualityReport;
}

/** Looks at a block of the records; one that is alone looks at all, and need not count them first. */
export async function countUp(
  { catalogue, quality }: StatisticsTask,
  team: Team,
): Promise<DatasetStatistics> {
  // What is not finite is counted here.
  const guard = new QualityGuard({ ...quality, allowNonFinite: true }, (text) =>
    team.warn(text),
  );
  const decode = await decoderOf(catalogue, guard);
  const fields = new Map<string, FieldCounter>();
  let count = 0;
  const all = team.size === 1 ? everything : ownBlock;
  for await (const read of all(catalogue, team)) {
    const { records } = decode(read);
    count += records.length;
    for (const record of records)
      for (const name in record) {
        let counter = fields.get(name);
        if (!counter) fields.set(name, (counter = new FieldCounter()));
        counter.add(record[name]!);
      }
  }
  const counted = [...fields].map(
    ([name, one]) => [name, one.close()] as const,
  );
  return {
    records: count,
    fields: Object.fromEntries(counted),
    report: guard.report,
  };
}

async function* everything(
  catalogue: Catalogue,
  team: Team,
): AsyncGenerator<FileRecords> {
  const progress = new InputProgress(catalogue, team, "reading");
  for (const file of catalogue.files.keys()) {
    for await (const read of recordsOfFile(catalogue, file)) {
      yield read;
      progress.read(read);
    }
    progress.fileDone(file);
  }
}

async function* ownBlock(
  catalogue: Catalogue,
  team: Team,
): AsyncGenerator<FileRecords> {
  const contents = await findContents(catalogue, team);
  const total = contents.counts.reduce((sum, count) => sum + count, 0);
  const { start, end } = blockOf(total, team.size, team.rank);
  let done = 0;
  for await (const read of recordsBetween(catalogue, contents, start, end)) {
    yield read;
    done += read.records.starts.length;
    team.progress({ stage: "reading", done, total, unit: "records" });
  }
}

/** Those of the records of both; fields stay in the order in which they were seen. */
export const joinFields = (
  parts: readonly DatasetStatistics[],
): Map<string, FieldStatistics> => {
  const joined = new Map<string, FieldStatistics>();
  for (const { fields } of parts)
    for (const [name, one] of Object.entries(fields))
      joined.set(name, joinStatistics(joined.get(name) ?? NO_STATISTICS, one));
  return joined;
};
