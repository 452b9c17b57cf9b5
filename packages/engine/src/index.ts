export {
  DEVICES,
  type DeviceName,
  type GradientValues,
  type TensorFlow,
} from "./engine";
export { ENGINE_NAMES, type EngineName } from "./engines";
export { findGpus, mayUseGpu, type Gpu, type GpuFacts } from "./gpus";
export {
  applyValues,
  loadEngine,
  loadedEngine,
  onEngineLoaded,
  tensorMemory,
  type Engine,
} from "./load";
export { cacheDirectory } from "./native/cache";
export { installedEngines, type InstalledEngine } from "./native/installed";
export { tf } from "./tf-proxy";

/** What `tsrun setup` and `tsrun doctor` do; ranks never load it. */
export const setupTools = () => import("./setup/index.js");
