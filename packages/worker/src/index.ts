export { hostCoordinator } from "./host-coordinator";
export { theRuntime } from "./init";
export { Communicator, type ScattervSend } from "./main-thread/communicator";
export { Op, type ValueOp } from "./main-thread/op";
export { Request } from "./main-thread/request";
export { Status } from "./main-thread/status";
export { MPI } from "./mpi";
export { streamRows } from "./rows";
export { tellLauncher } from "./status-channel";
