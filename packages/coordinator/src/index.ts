export { type Coordinator, startCoordinator } from "./coordinator";
export {
  CoordinatorPhase,
  type CoordinatorReport,
  type CoordinatorThreadData,
} from "./thread-contract";
