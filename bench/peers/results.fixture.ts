import {
  type Allreduce,
  BUFFERS,
  type Results,
  type Step,
  TRANSPORTS,
} from "./results.ts";

/** A time that no other figure has: what is divided by what can be told from a ratio. */
export const timeOf = ({
  peer,
  transport,
  buffers,
  ranks,
  bytes,
}: Allreduce): number =>
  (1 + ["tsmpi", "gloo", "openmpi"].indexOf(peer) / 7) *
  (1 + TRANSPORTS.indexOf(transport) / 11) *
  (1 + BUFFERS.indexOf(buffers) / 13) *
  (ranks + Math.sqrt(bytes));

export const samplesOf = ({ peer, model, ranks }: Step): number =>
  1000 * Math.sqrt(ranks) * (peer === "tsmpi" ? 1.25 : 1) +
  (model === "mlp" ? 300 : 0);

/** The second round took twice as long as the first, of everything. */
export const ROUNDS = [1, 2] as const;

export const SIZES = [4, 65536, 2 ** 20, 4 * 2 ** 20, 25e6, 100e6];

const WAYS: readonly Pick<Allreduce, "peer" | "transport" | "buffers">[] = [
  ...TRANSPORTS.flatMap((transport) =>
    BUFFERS.map((buffers) => ({ peer: "tsmpi", transport, buffers }) as const),
  ),
  { peer: "gloo", transport: "tcp", buffers: "ordinary" },
  ...TRANSPORTS.map(
    (transport) =>
      ({ peer: "openmpi", transport, buffers: "ordinary" }) as const,
  ),
];

/** Results of everything that there is to measure. */
export const RESULTS: Results = {
  date: "2026-11-21",
  command: "npm run bench:peers",
  machine: {
    ...{ cpu: "Some CPU", cores: 2, memoryGiB: 24, system: "Linux 6.1" },
    versions: { "Node.js": "20.20.2", PyTorch: "2.15.0" },
  },
  allreduceMs: WAYS.flatMap((way) =>
    [2, 4].flatMap((ranks) =>
      SIZES.map((bytes) => {
        const key = { ...way, ranks, bytes };
        return { ...key, rounds: ROUNDS.map((slow) => slow * timeOf(key)) };
      }),
    ),
  ),
  hostsMs: (
    [
      ["tsmpi", "arena", 900],
      ["tsmpi", "ordinary", 950],
      ["gloo", "ordinary", 1_250],
    ] as const
  ).map(([peer, buffers, ms]) => ({
    ...{ peer, buffers, bytes: 100e6 },
    rounds: ROUNDS.map((slow) => slow * ms),
  })),
  samplesPerS: (["tsmpi", "ddp"] as const).flatMap((peer) =>
    ["mlp", "cnn"].flatMap((model) =>
      [1, 2, 4].map((ranks) => {
        const key = { peer, model, ranks };
        return { ...key, rounds: ROUNDS.map((slow) => samplesOf(key) / slow) };
      }),
    ),
  ),
};
