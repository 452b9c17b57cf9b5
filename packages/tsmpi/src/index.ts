// The public face: what `import … from "tsmpi"` gives. Importing it starts no thread and loads no TensorFlow.
export {
  type DataRecord,
  type FieldValue,
  type Partition,
  writeRecords,
} from "@tsmpi/data";
// Which rows go to which rank: pure functions, for programs that deal rows out themselves.
export {
  blockPartition,
  type BlockPartitionOptions,
  cyclicRouter,
  hashRouter,
  type Key,
  packColumns,
  packRows,
  rangeBounds,
  rangeRouter,
  type Remainder,
  routedPartition,
  type Router,
  type RowPartition,
  scattervLayout,
  stratifiedRouter,
  weightedRouter,
} from "@tsmpi/data";
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
export { type MapOptions, MapResults } from "./futures/map-results";
export { RankFuture } from "./futures/rank-future";
export {
  RankPool,
  type RankPoolOptions,
  type ShutdownOptions,
} from "./futures/rank-pool";
export {
  type Checkpoint,
  type CheckpointContent,
  distribute,
  epochSummary,
  type AutotuneOptions,
  type DistributeOptions,
  evaluate,
  join,
  jointPosition,
  learningRateWarmup,
  loadCheckpoint,
  noSync,
  openDataset,
  type OpenDatasetOptions,
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
  type BufferSpec,
  Cartcomm,
  Distgraphcomm,
  Graphcomm,
  Intracomm,
  Message,
  MPI,
  Op,
  Prequest,
  Request,
  Status,
  Topocomm,
  type ValueOp,
  type VectorSpec,
} from "@tsmpi/worker";
