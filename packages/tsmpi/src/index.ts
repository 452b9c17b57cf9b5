// The public face: what `import … from "tsmpi"` gives. Importing it starts no thread and loads no TensorFlow.
export { type TensorFlow, tf } from "@tsmpi/engine";
export * from "./errors";
export {
  type JobSettings,
  launch,
  type LaunchOptions,
  type LaunchResult,
  type RankResult,
} from "./launch";
export { runRanks } from "./run-ranks";
export {
  type Checkpoint,
  type CheckpointContent,
  distribute,
  type DistributeOptions,
  evaluate,
  join,
  learningRateWarmup,
  loadCheckpoint,
  noSync,
  predict,
  type Rows,
  type RowSets,
  saveCheckpoint,
  scaleLearningRate,
  scatterRows,
  Shard,
  shard,
  type ShardDatasetOptions,
  syncBatchNormalization,
  trainingStats,
  type TrainingStats,
  type WarmupOptions,
  weightsSha256,
} from "@tsmpi/train";
export {
  Communicator,
  MPI,
  Op,
  Request,
  Status,
  type ValueOp,
} from "@tsmpi/worker";
