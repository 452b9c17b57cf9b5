export { findCompiler, COMPILER_CURE, type Compiler } from "./compiler";
export type { Progress } from "./progress";
export { recipeFor, TFJS_NODE } from "./recipe";
export { removeEngines } from "./remove";
export { setup, type SetupOptions, type SetupResult } from "./setup";
export { runSelfTest, type SelfTestReport } from "../self-test/run";
