import type { Peers } from "./find-peers.ts";
import { HOSTS } from "./hosts.ts";
import {
  type Allreduce,
  type Buffers,
  type OnHosts,
  type Results,
  type Step,
  type Transport,
  withRound,
} from "./results.ts";

/** One command of a round. */
export interface Job {
  /** For people who wait. */
  readonly title: string;
  readonly command: readonly string[];
  /** Adds what a line of its output says. */
  readonly read: (results: Results, line: string) => Results;
}

export const MEASURES = ["allreduce", "step", "hosts"] as const;

const BYTES_BETWEEN_HOSTS = [25e6, 100e6];

/** What there is to measure. */
export interface Asked {
  readonly measures: readonly (typeof MEASURES)[number][];
  readonly ranks: readonly number[];
  readonly bytes: readonly number[];
  readonly transports: readonly Transport[];
  readonly buffers: readonly Buffers[];
}

/** How programs are started. */
export interface Tools extends Peers {
  /** `node …/tsrun.js` */
  readonly tsrun: readonly string[];
  /** mpirun wants to be told. */
  readonly isRoot: boolean;
}

/** What one round runs, in this order: ours and the peers take turns. */
export const jobsOf = (asked: Asked, tools: Tools): Job[] => [
  ...(asked.measures.includes("allreduce")
    ? asked.ranks.flatMap((ranks) => allreduceJobs(asked, tools, ranks))
    : []),
  ...(asked.measures.includes("step") && tools.hasEngine
    ? [1, ...asked.ranks].flatMap((ranks) => stepJobs(tools, ranks))
    : []),
  ...(asked.measures.includes("hosts") && tools.hasNetwork
    ? hostsJobs(asked, tools)
    : []),
];

function allreduceJobs(
  { transports, buffers, bytes }: Asked,
  { tsrun, python, openMpi, isRoot }: Tools,
  ranks: number,
): Job[] {
  const sizes = bytes.map((size) => [size, ...runsOf(size)].join(":"));
  const n = ["-n", String(ranks)];
  const ours = (transport: Transport): Job =>
    allreduceJob({ peer: "tsmpi", transport, ranks }, [
      ...[...tsrun, ...n, "--transport", transport],
      ...["bench/peers/allreduce.ts", buffers.join(","), ...sizes],
    ]);
  const theirs = (transport: Transport): Job[] =>
    openMpi === null
      ? []
      : [
          allreduceJob({ peer: "openmpi", transport, ranks }, [
            ...["mpirun", ...(isRoot ? ["--allow-run-as-root"] : [])],
            ...["--oversubscribe", ...OPEN_MPI[transport], ...n],
            ...[openMpi, ...sizes],
          ]),
        ];
  const gloo =
    python === null
      ? []
      : [
          allreduceJob({ peer: "gloo", transport: "tcp", ranks }, [
            ...torchrun(python, ranks),
            ...["bench/peers/allreduce.py", ...sizes],
          ]),
        ];
  const [first, ...rest] = transports;
  return [
    ...(first ? [ours(first), ...theirs(first)] : []),
    // Between the transports, which are both compared with it.
    ...gloo,
    ...rest.flatMap((transport) => [ours(transport), ...theirs(transport)]),
  ];
}

function hostsJobs({ buffers }: Asked, { python }: Tools): Job[] {
  const sizes = BYTES_BETWEEN_HOSTS.map((size) =>
    [size, ...runsOf(size)].join(":"),
  );
  const node = [process.execPath, "--import", "tsx"];
  const { count, ranksPerHost, mbitPerS } = HOSTS;
  const onHosts = [
    ...[...node, "bench/peers/on-hosts.ts"],
    ...[count, ranksPerHost, mbitPerS].map(String),
  ];
  const program = "bench/peers/allreduce.ts";
  const ours = hostsJob("tsmpi", [
    ...[...onHosts, ...node, program, buffers.join(","), ...sizes],
  ]);
  if (python === null) return [ours];
  const peer = [...onHosts, python, "bench/peers/allreduce.py", ...sizes];
  return [ours, hostsJob("gloo", peer)];
}

const hostsJob = (peer: OnHosts["peer"], command: readonly string[]): Job => ({
  title: `all-reduce over ${HOSTS.count} hosts, ${peer}`,
  command,
  read(results, line) {
    const { medianMs, bytes, buffers } = JSON.parse(line) as {
      readonly medianMs: number;
    } & Omit<OnHosts, "peer">;
    const ms = Number(medianMs.toPrecision(5));
    const key = { peer, buffers, bytes };
    return { ...results, hostsMs: withRound(results.hostsMs ?? [], key, ms) };
  },
});

/** Left to itself it takes shared memory on one host. */
const OPEN_MPI: Readonly<Record<Transport, readonly string[]>> = {
  shm: [],
  tcp: ["--mca", "btl", "self,tcp"],
};

const allreduceJob = (
  of: Pick<Allreduce, "peer" | "transport" | "ranks">,
  command: readonly string[],
): Job => ({
  title: `all-reduce of ${of.ranks} ranks, ${of.peer} over ${of.transport}`,
  command,
  read(results, line) {
    const { medianMs, ...size } = JSON.parse(line) as {
      readonly medianMs: number;
    } & Pick<Allreduce, "bytes" | "buffers">;
    const key = { ...of, bytes: size.bytes, buffers: size.buffers };
    const ms = Number(medianMs.toPrecision(5));
    const allreduceMs = withRound(results.allreduceMs, key, ms);
    return { ...results, allreduceMs };
  },
});

function stepJobs({ tsrun, python }: Tools, ranks: number): Job[] {
  const ours = stepJob({ peer: "tsmpi", ranks }, [
    ...[...tsrun, "-n", String(ranks), "--engine", "tensorflow"],
    "bench/step.ts",
  ]);
  if (python === null) return [ours];
  const program = "bench/step_torch.py";
  const ddp =
    ranks === 1
      ? [python, program]
      : [...torchrun(python, ranks), program, "ddp"];
  return [ours, stepJob({ peer: "ddp", ranks }, ddp)];
}

const stepJob = (
  of: Pick<Step, "peer" | "ranks">,
  command: readonly string[],
): Job => ({
  title: `training step of ${of.ranks} rank${of.ranks === 1 ? "" : "s"}, ${of.peer}`,
  command,
  read(results, line) {
    const { model, samplesPerS } = JSON.parse(line) as {
      readonly model: string;
      readonly samplesPerS: number;
    };
    const key = { peer: of.peer, model, ranks: of.ranks };
    return {
      ...results,
      samplesPerS: withRound(results.samplesPerS, key, samplesPerS),
    };
  },
});

const torchrun = (python: string, ranks: number): string[] => [
  ...[python, "-m", "torch.distributed.run", "--standalone"],
  ...["--nproc-per-node", String(ranks)],
];

/** Of a size, the same for everybody: more often what is over sooner, and so that one run is in the middle. */
function runsOf(bytes: number): readonly [warmUps: number, runs: number] {
  // Engines compile a loop that is as short as this one only after some hundred turns.
  if (bytes <= 4096) return [500, 201];
  if (bytes <= 128 * 1024) return [50, 101];
  if (bytes <= 8 * 1024 ** 2) return [5, 31];
  return bytes <= 32e6 ? [2, 9] : [2, 5];
}
