import type { Facts } from "./facts";

/** Something that is wrong or could be better, and the command that cures it. */
export interface Problem {
  readonly problem: string;
  readonly cure: string;
}

const LEAST_NODE = "20.19.0";
const LEAST_OPEN_FILES = 1024;
const LEAST_SHARED_MEMORY = 256e6;

/** What a person should know of these facts, the gravest first. */
export function findProblems({
  node,
  engine,
  engineProblem,
  engines,
  gpus,
  zeromq,
  compiler,
  sharedMemory,
  limits,
  platform,
}: Facts): Problem[] {
  const problems: Problem[] = [];
  const add = (problem: string, cure: string) => {
    problems.push({ problem, cure });
  };
  if (engineProblem !== null)
    add(
      `the engine does not train: ${engineProblem}`,
      "npx tsrun doctor --engine wasm tells whether that one does; npx tsrun setup --force makes native TensorFlow anew",
    );
  if (node.localeCompare(LEAST_NODE, undefined, { numeric: true }) < 0)
    add(`Node.js ${node} is too old`, `install Node.js ${LEAST_NODE} or newer`);
  if (zeromq === null)
    add(
      "zeromq does not load: ranks cannot reach each other",
      "npm rebuild zeromq",
    );
  const isNative = engine?.name === "tensorflow";
  const driver = gpus.gpus[0]?.driver;
  if (driver !== undefined && engine !== null && engine.device !== "gpu")
    add(
      `${gpus.gpus.length === 1 ? "the GPU is" : "the GPUs are"} not used`,
      engines.some(({ build }) => build === "gpu")
        ? `npx tsrun doctor --device gpu says why; the driver is ${driver}, and CUDA 12 needs 525 or newer`
        : "npx tsrun setup --gpu",
    );
  else if (engine !== null && !isNative && engines.length === 0)
    add(
      `it trains on ${engine.name}, not on native TensorFlow`,
      compiler === null
        ? "install g++ (apt-get install g++, dnf install gcc-c++), then npx tsrun setup"
        : "npx tsrun setup",
    );
  if (sharedMemory !== null && sharedMemory.bytes < LEAST_SHARED_MEMORY)
    add(
      `/dev/shm has ${Math.round(sharedMemory.bytes / 1e6)} MB, which is little for ranks that exchange large buffers through it`,
      "in a container: docker run --shm-size 1g, or shm_size in docker-compose.yml",
    );
  const openFiles = limits["Max open files"];
  if (typeof openFiles === "number" && openFiles < LEAST_OPEN_FILES)
    add(
      `a process may open ${openFiles} files only, and each rank holds connections to the others`,
      `ulimit -n ${LEAST_OPEN_FILES * 4}`,
    );
  if (platform.startsWith("win32"))
    add("Windows is not supported", "run it in WSL");
  return problems;
}
