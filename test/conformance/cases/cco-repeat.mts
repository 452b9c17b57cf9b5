import { MPI } from "tsmpi";
import { type Kind, KINDS, type NumberArray } from "../arrays.mts";
import { equal } from "../check.mts";
import type { Comm, Context, Suite } from "../suite.mts";
import { call } from "../support/forms.mts";
import { random } from "../support/random.mts";

const REPETITIONS = 100;

const FLOATS = KINDS.filter(({ isFloat }) => isFloat);

/** Short ones and long ones go different ways. */
const lengthsFor = ({ name }: Kind): number[] =>
  name === "float32" ? [1, 60, 6_000] : [60];

/** Numbers whose sum depends on the order in which they are added. */
function unfriendly(kind: Kind, length: number, seed: number): NumberArray {
  const next = random(seed);
  return kind.from(length, () => (next() - 0.5) * 2 ** (12 * next()));
}

/** Every rank comes a little earlier or later than the time before. */
function dawdle(next: () => number): void {
  const untilMs = performance.now() + next() / 4;
  while (performance.now() < untilMs);
}

const bits = (array: NumberArray): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();

/** Makes a call again and again; what it receives is the same bits each time. Gives them. */
function sameBits(
  { rank }: Context,
  length: number,
  kind: Kind,
  reduce: (received: NumberArray) => void,
): Uint8Array {
  const next = random(rank);
  let first: Uint8Array | null = null;
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const received = kind.filled(length, 0);
    dawdle(next);
    reduce(received);
    first ??= bits(received);
    equal(bits(received), first, `${kind.name}, repetition ${repetition}`);
  }
  return first!;
}

const sameEverywhere = (comm: Comm, own: Uint8Array): void => {
  for (const other of comm.allgather(own)) equal(other, own);
};

export const suites: readonly Suite[] = [
  {
    name: "Repeat",
    comms: ["WORLD"],
    cases: {
      "an allreduce gives the same bits every time and everywhere": (
        context,
      ) => {
        const { comm, rank } = context;
        for (const kind of FLOATS)
          for (const length of lengthsFor(kind)) {
            const sent = kind.message(unfriendly(kind, length, 31 * rank));
            const result = sameBits(context, length, kind, (received) => {
              call("blocking", comm, "Allreduce", sent, kind.message(received));
            });
            sameEverywhere(comm, result);
          }
      },

      "every reduction gives the same bits every time": (context) => {
        const { comm, rank, size } = context;
        const kind = FLOATS[0]!;
        const sent = unfriendly(kind, 60 * size, 17 * rank);
        for (const name of ["Reduce", "Scan", "Exscan"])
          sameBits(context, sent.length, kind, (received) => {
            call("blocking", comm, name, sent, received);
          });
        sameBits(context, 60, kind, (received) => {
          call("blocking", comm, "Reduce_scatter_block", sent, received);
        });
      },

      "a reduction of values gives the same bits every time": (context) => {
        const { comm, rank, size } = context;
        const own = unfriendly(FLOATS[1]!, 1, rank)[0] as number;
        const inOrder = comm
          .allgather(own)
          .reduce((lower, higher) => lower + higher);
        for (let repetition = 0; repetition < REPETITIONS; repetition++)
          equal(comm.allreduce(own), inOrder);
        equal(
          comm.reduce(own, MPI.SUM, size - 1),
          rank === size - 1 ? inOrder : null,
        );
      },
    },
  },
];
