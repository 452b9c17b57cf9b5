export { distribute, trainingStats } from "./distribute";
export { type Rows, type RowSets, scatterRows } from "./scatter-rows";
export type { TrainingStats } from "./training-stats";
export { weightsSha256 } from "./weights";
