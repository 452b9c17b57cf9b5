import { BLUE, GREEN, GREY, ORANGE } from "./plots/colors.ts";
import { type Allreduce, type Results, roundsOf } from "./results.ts";

/** One way to make an all-reduce, whatever ranks and bytes, and how it looks in a plot. */
export interface Way extends Pick<Allreduce, "peer" | "transport" | "buffers"> {
  readonly name: string;
  readonly color: string;
  readonly dash?: string;
}

const DASHED = "6 4";

const OURS = [
  { transport: "shm", color: BLUE },
  { transport: "tcp", color: GREEN },
] as const;

export const WAYS: readonly Way[] = [
  ...OURS.flatMap(({ transport, color }): Way[] => [
    {
      ...{ peer: "tsmpi", transport, buffers: "arena" },
      ...{ name: `tsmpi, ${transport}, arena`, color },
    },
    {
      ...{ peer: "tsmpi", transport, buffers: "ordinary" },
      ...{ name: `tsmpi, ${transport}, ordinary`, color, dash: DASHED },
    },
  ]),
  {
    ...{ peer: "gloo", transport: "tcp", buffers: "ordinary" },
    ...{ name: "Gloo", color: ORANGE },
  },
  {
    ...{ peer: "openmpi", transport: "shm", buffers: "ordinary" },
    ...{ name: "Open MPI, shm", color: GREY },
  },
  {
    ...{ peer: "openmpi", transport: "tcp", buffers: "ordinary" },
    ...{ name: "Open MPI, tcp", color: GREY, dash: DASHED },
  },
];

/** The times of one way at one size; none where it was not measured. */
export const timesOf = (
  { allreduceMs }: Results,
  { peer, transport, buffers }: Way,
  { ranks, bytes }: Pick<Allreduce, "ranks" | "bytes">,
): readonly number[] =>
  roundsOf(allreduceMs, { peer, transport, buffers, ranks, bytes });

/** Those that were measured at all. */
export const waysIn = ({ allreduceMs }: Results): readonly Way[] =>
  WAYS.filter((way) =>
    allreduceMs.some(
      ({ peer, transport, buffers }) =>
        peer === way.peer &&
        transport === way.transport &&
        buffers === way.buffers,
    ),
  );
