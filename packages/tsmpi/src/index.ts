// The public face: what `import … from "tsmpi"` gives. Importing it starts no thread and loads no TensorFlow.
export { type TensorFlow, tf } from "@tsmpi/engine";
export * from "./errors";
export {
  distribute,
  type DistributeOptions,
  join,
  learningRateWarmup,
  noSync,
  type Rows,
  type RowSets,
  scaleLearningRate,
  scatterRows,
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
