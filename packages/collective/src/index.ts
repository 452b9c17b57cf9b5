export {
  ALGORITHMS,
  algorithmsOf,
  ALLREDUCE_NAMES,
  type AlgorithmName,
} from "./registry";
export type {
  AlgorithmOf,
  AnyAlgorithm,
  Collective,
  Cost,
  LinkTraffic,
} from "./algorithm";
export { segmentsOf } from "./segments";
export type { Sender } from "./collective-call";
export { Communicator, type Received, type UserCall } from "./communicator";
export { Mailbox } from "./mailbox";
export { ANY_SOURCE, ANY_TAG } from "./matching";
export type { PointToPoint } from "./point-to-point";
export {
  combineValues,
  kernelFor,
  REDUCE_OPS,
  type ReduceOp,
} from "./reduce-ops";
export { LARGE_BYTES, selectAllreduce } from "./select";
