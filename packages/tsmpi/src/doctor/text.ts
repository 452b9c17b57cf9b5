import type { Facts } from "./facts";
import type { Problem } from "./problems";

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** The facts for a person to read. */
export function describeFacts(
  facts: Facts,
  problems: readonly Problem[],
): string {
  const { cpu, gpus, engine, selfTestMs, sharedMemory, zeromq } = facts;
  const rows: [string, string][] = [
    ["Node.js", `${facts.node} on ${facts.platform}, kernel ${facts.kernel}`],
    [
      "engine",
      engine === null
        ? `none trains: ${facts.engineProblem}`
        : `${engine.name} ${engine.version} on ${engine.device}; loads in ${selfTestMs!.load} ms, trains`,
    ],
    ...(engine === null ? [] : ([["", engine.why]] as [string, string][])),
    [
      "set up",
      facts.engines.length === 0
        ? `nothing in ${facts.cache}`
        : facts.engines
            .map(
              ({ tensorflow, build, directory, bytes }) =>
                `TensorFlow ${tensorflow} for ${build}, ${megabytes(bytes)}, in ${directory}`,
            )
            .join("; "),
    ],
    [
      "CPU",
      `${cpu.cores} core${cpu.cores === 1 ? "" : "s"} of ${cpu.model}, ${megabytes(cpu.memory)} memory`,
    ],
    ["", cpu.features.join(" ") || "features unknown"],
    ["GPU", gpus.why ?? `CUDA ${gpus.cuda ?? "unknown"}`],
    ...gpus.gpus.map(
      ({ index, name, memoryMiB, computeCapability, driver }) =>
        [
          "",
          `${index}: ${name}, ${memoryMiB} MiB, compute capability ${computeCapability}, driver ${driver}`,
        ] as [string, string],
    ),
    ...gpus.ofRanks.map(
      (gpu, rank) =>
        ["", `local rank ${rank} gets GPU ${gpu}`] as [string, string],
    ),
    [
      "/dev/shm",
      sharedMemory === null
        ? "there is none"
        : `${megabytes(sharedMemory.bytes)}, ${megabytes(sharedMemory.free)} free`,
    ],
    [
      "limits",
      Object.entries(facts.limits)
        .map(([name, limit]) => `${name.toLowerCase()} ${limit ?? "unlimited"}`)
        .join(", ") || "unknown",
    ],
    [
      "zeromq",
      zeromq === null
        ? "does not load"
        : `${zeromq.version} with ${zeromq.capabilities.join(", ")}`,
    ],
    ["compiler", facts.compiler ?? "none"],
  ];
  const lines = rows.map(([name, text]) => `${name.padEnd(10)}${text}`);
  const found = problems.flatMap(({ problem, cure }) => [
    `- ${problem}`,
    `  cure: ${cure}`,
  ]);
  return [...lines, "", ...(found.length === 0 ? ["no problems"] : found)].join(
    "\n",
  );
}
