export { distribute, trainingStats } from "./distribute";
export { join, noSync } from "./join";
export {
  learningRateWarmup,
  scaleLearningRate,
  type WarmupOptions,
} from "./learning-rate";
export type { DistributeOptions } from "./options";
export { type Rows, type RowSets, scatterRows } from "./scatter-rows";
export { syncBatchNormalization } from "./sync-batch-normalization";
export type { TrainingStats } from "./training-stats";
export { weightsSha256 } from "./weights";
