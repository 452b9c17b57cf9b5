export type { TensorFlow } from "./engine";
export { ENGINE_NAMES, type EngineName } from "./engines";
export { loadEngine, loadedEngine, onEngineLoaded, type Engine } from "./load";
export { tf } from "./tf-proxy";
