export {
  type Compression,
  COMPRESSIONS,
  tunableAllreduces,
  type Wanted,
  type WantedCompression,
} from "@tsmpi/collective";
export {
  absentRanks,
  askSplits,
  gatherAccounts,
  lossOfRank,
  tellDelivered,
  tellLeft,
} from "./data-services";
export { hostCoordinator, orderReader } from "./host-coordinator";
export { theRuntime } from "./init";
export type { BufferSpec, VectorSpec } from "./main-thread/buffer-spec";
export {
  Cartcomm,
  Distgraphcomm,
  Graphcomm,
  Intracomm,
  Topocomm,
} from "./main-thread/communicator";
export { algorithmKey } from "./main-thread/communicator/hints";
export { Message } from "./main-thread/message";
export { Op, type ValueOp } from "./main-thread/op";
export { Prequest } from "./main-thread/persistent-request";
export { Request } from "./main-thread/request";
export { Status } from "./main-thread/status";
export { MPI } from "./mpi";
export type { Piece, PieceStream } from "./piece-stream";
export { openStream } from "./piece-streams";
export { streamRows } from "./rows";
export { scale } from "./scale";
export { tellLauncher } from "./status-channel";
