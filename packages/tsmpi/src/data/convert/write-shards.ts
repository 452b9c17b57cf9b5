import { join } from "node:path";
import {
  type Catalogue,
  QualityGuard,
  type QualityReport,
  sliceRecords,
} from "@tsmpi/data";
import { blockOf } from "@tsmpi/protocol";
import { findContents, recordsBetween } from "../contents";
import type { BadRecordOptions } from "../data-flags";
import { decoderOf } from "../decoded";
import type { Team } from "../team";
import { type Output, type ShardFile, shardFiles } from "./shard-file";

/** A conversion, as plain data. */
export interface ConvertTask {
  readonly catalogue: Catalogue;
  readonly output: Output;
  /** Where files are made. */
  readonly folder: string;
  /** Of all files, in the order of their records. */
  readonly names: readonly string[];
  readonly quality: BadRecordOptions;
}

export interface ConvertedPart {
  readonly records: number;
  /** Names of files that have got no record. */
  readonly empty: readonly string[];
  readonly report: QualityReport;
}

/**
 * Writes some of the shards: each of the team has consecutive ones, and reads what belongs there, once.
 *
 * @throws {DataError} bad input, or a disk that is full; files that are not whole have no name then
 */
export async function writeShards(
  { catalogue, output, folder, names, quality }: ConvertTask,
  team: Team,
): Promise<ConvertedPart> {
  const contents = await findContents(catalogue, team);
  const total = contents.counts.reduce((sum, count) => sum + count, 0);
  const endOf = (shard: number) => blockOf(total, names.length, shard).end;
  const { start, end } = blockOf(names.length, team.size, team.rank);
  const guard = new QualityGuard(quality, (text) => team.warn(text));
  const decode = await decoderOf(catalogue, guard);
  const files = await shardFiles(output);
  const empty: string[] = [];
  let written = 0;
  let shard = start;
  let file: ShardFile | null = null;
  const tell = () => {
    const stage = "converting";
    team.progress({ stage, done: written, total, unit: "records" });
  };
  const close = async (): Promise<void> => {
    await file!.publish();
    if (file!.records === 0) empty.push(names[shard]!);
    shard++;
    file = null;
    tell();
  };
  try {
    const own = recordsBetween(
      catalogue,
      contents,
      start === 0 ? 0 : endOf(start - 1),
      end === 0 ? 0 : endOf(end - 1),
    );
    for await (const { number, ...run } of own) {
      const length = run.records.starts.length;
      for (let from = 0; from < length;) {
        while (number + from >= endOf(shard)) {
          file ??= await files(join(folder, names[shard]!));
          await close();
        }
        file ??= await files(join(folder, names[shard]!));
        const to = Math.min(endOf(shard) - number, length);
        const records = sliceRecords(run.records, from, to);
        written += await file.write(decode({ file: run.file, records }));
        from = to;
        tell();
      }
    }
    while (shard < end) {
      file ??= await files(join(folder, names[shard]!));
      await close();
    }
  } catch (error) {
    await file?.discard();
    throw error;
  }
  return { records: written, empty, report: guard.report };
}
