export { type Coordinator, startCoordinator } from "./coordinator";
export {
  CoordinatorPhase,
  type CoordinatorReport,
  type CoordinatorThreadData,
  type HostMessage,
  type LocalDelivery,
} from "./thread-contract";
export type { ReaderOrder } from "./reader/reader-contract";
