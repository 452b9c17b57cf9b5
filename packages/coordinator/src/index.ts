export { type Coordinator, startCoordinator } from "./coordinator";
export {
  CoordinatorPhase,
  type CoordinatorReport,
  type CoordinatorThreadData,
  type HostEnded,
} from "./thread-contract";
