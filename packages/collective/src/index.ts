export { Activity } from "./activity";
export { allreduceDirect } from "./algorithms/allreduce-direct";
export { alltoallDirect, scatterDirect } from "./algorithms/alltoall-direct";
export { barrierDirect } from "./algorithms/barrier-direct";
export { broadcastDirect } from "./algorithms/broadcast-direct";
export { exscanDirect } from "./algorithms/exscan-direct";
export { allgatherDirect, gatherDirect } from "./algorithms/gather-direct";
export { reduceDirect } from "./algorithms/reduce-direct";
export { reduceScatterDirect } from "./algorithms/reduce-scatter-direct";
export { scanDirect } from "./algorithms/scan-direct";
export {
  blockBytes,
  type LastCall,
  MOST_LOCAL_RANKS,
  SegmentBlock,
} from "./shared-segment/block";
export {
  type DirectExchange,
  exchangeDirect,
  type Fetch,
} from "./shared-segment/exchange";
export type {
  DirectAlgorithm,
  DirectCall,
} from "./shared-segment/direct-algorithm";
export { SegmentKernels } from "./shared-segment/kernels";
export type { DirectReduction } from "./shared-segment/slots";
export {
  ranksOf,
  type SharedSegment,
  stageBytes,
} from "./shared-segment/segment";
export type { Steps, Waiting } from "./shared-segment/steps";
export {
  ALGORITHM_NAMES,
  ALGORITHMS,
  algorithmsOf,
  type AlgorithmName,
  type Wanted,
  wantedNamed,
} from "./registry";
export { COLLECTIVES } from "./algorithm";
export type {
  AlgorithmOf,
  AnyAlgorithm,
  Collective,
  Cost,
  LinkTraffic,
  Reduce,
} from "./algorithm";
export { type CallDescription, digest, signature } from "./call-signature";
export { CALL_NAMES, callCode, callFromCode, type CallName } from "./calls";
export { tunableAllreduces } from "./tunable";
export { type Forced, isDirect } from "./choose";
export { type HostMemory, type Hosts, ranksByHost } from "./hosts";
export type { AboutCall, Sender } from "./collective-call";
export {
  Communicator,
  type Compressed,
  type Manner,
  type Neighbors,
  type ReduceCall,
  type Rooted,
} from "./communicator";
export {
  allreduceCompressed,
  costOfCompressed,
} from "./compression/allreduce-compressed";
export {
  asFloat32,
  assertCompressible,
} from "./compression/assert-compressible";
export { Compressor, compressorFor } from "./compression/compressor";
export {
  CODECS,
  type Compression,
  compressionNamed,
  COMPRESSIONS,
  type WantedCompression,
} from "./compression/registry";
export { Mailbox } from "./mailbox";
export { EAGER_BYTES, MessageEndpoint } from "./messages/endpoint";
export type { PostFrame } from "./messages/held-messages";
export {
  ANY_SOURCE,
  ANY_TAG,
  type Wanted as WantedMessage,
} from "./messages/matching";
export type {
  ArrivedMessage,
  PendingReceive,
  Target,
} from "./messages/message";
export { lengthOf } from "./messages/message";
export { Operation, type Outcome } from "./messages/operation";
export type { PointToPoint } from "./point-to-point";
export { averageOver, kernelFor } from "./reduce-kernels";
export {
  commutes,
  isAverage,
  itemLength,
  REDUCE_OPS,
  type ReduceOp,
  reduceOpCode,
  reduceOpFromCode,
} from "./reduce-ops";
export { averageValue, combineValues } from "./reduce-values";
export { segmentsOf } from "./segments";
export { type Stage, StagedKernels } from "./staged-kernels";
export { select, type SelectCall, type Selected } from "./select";
