import type { FileRecords } from "../feed";
import { batchRecords } from "./batch-records";
import type { Block } from "./block";
import { type DecodeOptions, decodeRecords } from "./decode-records";
import type { Pass } from "./pass";
import { runStage, type Stage } from "./stage";

type Blocks = AsyncIterable<Block<unknown>>;

/** What comes out of stages that records run through. Nothing happens before the first block is asked for. */
export function runStages(
  stages: readonly Stage[],
  records: AsyncIterable<FileRecords>,
  options: DecodeOptions,
): Blocks {
  const [first, ...others] = stages;
  return first?.kind === "batch"
    ? afterStages(others, batchRecords(records, first, options), options.pass)
    : afterStages(stages, decodeRecords(records, options), options.pass);
}

/** The same of blocks. */
export const afterStages = (
  stages: readonly Stage[],
  blocks: Blocks,
  pass: Pass,
): Blocks =>
  stages.reduce((before, stage) => runStage(stage, before, pass), blocks);
