export { type Checkpoint, loadCheckpoint } from "./checkpoint/load-checkpoint";
export {
  type CheckpointContent,
  saveCheckpoint,
} from "./checkpoint/save-checkpoint";
export {
  epochSummary,
  openDataset,
  type OpenDatasetOptions,
} from "./datasets/open-dataset";
export { MODES, type ModeName } from "./datasets/modes";
export { jointPosition } from "./datasets/joint-position";
export { distribute, trainingStats } from "./distribute";
export { evaluate } from "./rows/evaluate";
export { join, noSync } from "./join";
export {
  learningRateWarmup,
  scaleLearningRate,
  type WarmupOptions,
} from "./learning-rate";
export type { AutotuneOptions, DistributeOptions } from "./options";
export { predict } from "./rows/predict";
export { type Rows, type RowSets, scatterRows } from "./rows/scatter-rows";
export { Shard, shard, type ShardDatasetOptions } from "./rows/shard";
export { syncBatchNormalization } from "./sync-batch-normalization";
export type { TrainingStats } from "./training-stats";
export { weightsSha256 } from "./weights";
