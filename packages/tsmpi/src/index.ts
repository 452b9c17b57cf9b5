// The public face: what `import … from "tsmpi"` gives. Importing it starts no thread and loads no TensorFlow.
export { type TensorFlow, tf } from "@tsmpi/engine";
export * from "./errors";
export {
  distribute,
  type DistributeOptions,
  evaluate,
  join,
  learningRateWarmup,
  noSync,
  predict,
  type Rows,
  type RowSets,
  scaleLearningRate,
  scatterRows,
  Shard,
  shard,
  type ShardDatasetOptions,
  syncBatchNormalization,
  trainingStats,
  type TrainingStats,
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
