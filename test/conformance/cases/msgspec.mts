import { MPI } from "tsmpi";
import { type Kind, type NumberArray, PLAIN_KINDS } from "../arrays.mts";
import { equal, refuses, throws } from "../check.mts";
import type { Suite } from "../suite.mts";
import { range } from "../support/loops.mts";

/** A part of a buffer. */
interface Part {
  readonly buffer: NumberArray;
  readonly count: number;
  readonly displ: number;
  /** The datatype as it is given: none, its dtype's name, the datatype. */
  readonly datatype: unknown;
}

type Form = (part: Part) => unknown;

const DATATYPES: Readonly<Record<string, () => unknown>> = {
  int8: () => MPI.INT8_T,
  uint8: () => MPI.UINT8_T,
  int16: () => MPI.INT16_T,
  uint16: () => MPI.UINT16_T,
  int32: () => MPI.INT32_T,
  uint32: () => MPI.UINT32_T,
  float32: () => MPI.FLOAT,
  float64: () => MPI.DOUBLE,
  bigint64: () => MPI.INT64_T,
  biguint64: () => MPI.UINT64_T,
};

/** Of int32 in each of the three ways, of the others in one of them. */
function datatypesOf(kind: Kind, at: number): unknown[] {
  const ways = [null, kind.name, DATATYPES[kind.name]!()];
  return kind.name === "int32" ? ways : [ways[at % ways.length]];
}

const LENGTHS = [1, 2, 5];

/** Every part of every buffer goes where `form` says, and nowhere else. */
function everyPart(
  form: Form,
  transfer: (send: unknown, receive: unknown) => void,
  parts: (length: number) => readonly (readonly [number, number])[],
): void {
  for (const [at, kind] of PLAIN_KINDS.entries())
    for (const length of LENGTHS)
      for (const datatype of datatypesOf(kind, at))
        for (const [count, displ] of parts(length)) {
          const sent = kind.from(length, (index) => index + 1);
          const received = kind.filled(length, 0);
          transfer(
            form({ buffer: sent, count, displ, datatype }),
            form({ buffer: received, count, displ, datatype }),
          );
          const isWithin = (index: number) =>
            index >= displ && index < displ + count;
          equal(
            received,
            kind.from(length, (index) => (isWithin(index) ? index + 1 : 0)),
            `${count} ${kind.name} from ${displ} of ${length}`,
          );
        }
}

const whole = (length: number) => [[length, 0]] as const;
const heads = (length: number) =>
  range(length + 1).map((count) => [count, 0] as const);
const tails = (length: number) =>
  range(length).map((displ) => [length - displ, displ] as const);
const all = (length: number) =>
  range(length).flatMap((displ) =>
    range(length - displ + 1).map((count) => [count, displ] as const),
  );

const sendrecv = (send: unknown, receive: unknown): void => {
  MPI.COMM_SELF.Sendrecv(send as never, 0, 0, receive as never, 0, 0);
};

const alltoallv = (send: unknown, receive: unknown): void => {
  MPI.COMM_SELF.Alltoallv(send as never, receive as never);
};

/** Two elements, and a message of none. */
const buffer = () => new Int32Array(2);
const empty = [null, 0, "uint8"] as const;

const BAD_BUFFERS: readonly [string, unknown][] = [
  ["a list", [[1, 2, 3, 4], 4, 0, "int32"]],
  ["a dictionary", [{ 1: 2, 3: 4 }, 1, 0, "int32"]],
  ["a class", Object],
  ["a text", "abc"],
  ["a number", 7],
  ["a DataView", new DataView(new ArrayBuffer(8))],
];

const kindOf = (name: string): Kind =>
  PLAIN_KINDS.find((kind) => kind.name === name)!;

export const suites: readonly Suite[] = [
  {
    name: "TestMessageSimple",
    cases: {
      "a buffer alone is sent whole": () =>
        everyPart(({ buffer }) => buffer, sendrecv, whole),

      "[buf, datatype] is sent whole": () =>
        everyPart(
          ({ buffer, datatype }) => [buffer, datatype],
          sendrecv,
          whole,
        ),

      "[buf, count] is its first elements": () =>
        everyPart(({ buffer, count }) => [buffer, count], sendrecv, heads),

      "[buf, [count, null]] is its first elements": () =>
        everyPart(
          ({ buffer, count }) => [buffer, [count, null]],
          sendrecv,
          heads,
        ),

      "[buf, [null, displ]] is the rest from there": () =>
        everyPart(
          ({ buffer, displ }) => [buffer, [null, displ]],
          sendrecv,
          tails,
        ),

      "[buf, [count, displ]] is a part": () =>
        everyPart(
          ({ buffer, count, displ }) => [buffer, [count, displ]],
          sendrecv,
          all,
        ),

      "[buf, count, datatype] is its first elements": () =>
        everyPart(
          ({ buffer, count, datatype }) => [buffer, count, datatype],
          sendrecv,
          heads,
        ),

      "[buf, null, datatype] is sent whole": () =>
        everyPart(
          ({ buffer, datatype }) => [buffer, null, datatype],
          sendrecv,
          whole,
        ),

      "[buf, [count, displ], datatype] is a part": () =>
        everyPart(
          ({ buffer, count, displ, datatype }) => [
            buffer,
            [count, displ],
            datatype,
          ],
          sendrecv,
          all,
        ),

      "[buf, count, displ, datatype] is a part": () =>
        everyPart(
          ({ buffer, count, displ, datatype }) => [
            buffer,
            count,
            displ,
            datatype,
          ],
          sendrecv,
          all,
        ),

      "null is a message of no elements, with a datatype of any kind": () => {
        sendrecv(empty, empty);
        sendrecv([null, MPI.BYTE], [null, MPI.BYTE]);
        sendrecv([null, "int32"], [null, "int32"]);
      },

      "BYTE fits every array": () => {
        for (const kind of PLAIN_KINDS) {
          const sent = kind.from(3, (index) => index + 1);
          const received = kind.filled(3, 0);
          sendrecv([sent, MPI.BYTE], [received, MPI.BYTE]);
          equal(received, sent, kind.name);
        }
      },

      "a part of an array is sent without what is around it": () => {
        const whole = kindOf("float64").from(8, (index) => index);
        const received = new Float64Array(8);
        sendrecv(whole.subarray(2, 5), received.subarray(1, 4));
        equal([...received], [0, 2, 3, 4, 0, 0, 0, 0]);
      },

      "a type code of Python's names a datatype": () => {
        const codes = {
          b: 1,
          h: 2,
          i: 4,
          l: 8,
          B: 1,
          H: 2,
          I: 4,
          L: 8,
        } as const;
        for (const [code, bytes] of Object.entries(codes)) {
          const status = new MPI.Status();
          status.Set_elements(code as keyof typeof codes, 1);
          equal(status.count, bytes);
        }
        sendrecv([Float32Array.of(1), "f"], [new Float32Array(1), MPI.FLOAT]);
        sendrecv([Float64Array.of(1), 1, "d"], [new Float64Array(1), 1, "d"]);
        sendrecv([null, 0, "B"], [null, 0, "B"]);
        throws(() => sendrecv([null, 0, "?!"], null), "ERR_TYPE");
      },

      "what is no message is refused": () => {
        for (const bad of [
          [buffer(), 0, 0, "int32", null],
          [buffer(), 0, "\0"],
          [buffer(), "no such type"],
          [buffer(), -1, "int32"],
          [buffer(), 0, -1, "int32"],
          [buffer(), 0, 3, "int32"],
          [buffer(), 3, "int32"],
          [buffer(), 2, 1, "int32"],
          [buffer(), 1.5, "int32"],
          [buffer(), 1, 0.5, "int32"],
          [null, 1, 0, "int32"],
          [null, 1, "int32"],
          [buffer(), 0, 1, MPI.DATATYPE_NULL],
          [buffer(), null, 0, MPI.DATATYPE_NULL],
          [],
        ]) {
          refuses(() => sendrecv(bad, empty));
          refuses(() => sendrecv(empty, bad));
        }
        equal(MPI.COMM_SELF.Iprobe(), false);
      },

      "a datatype that is not the array's is refused": () => {
        for (const kind of PLAIN_KINDS)
          for (const [name, datatype] of Object.entries(DATATYPES)) {
            if (name === kind.name) continue;
            refuses(() => sendrecv([kind.filled(1, 0), datatype()], empty));
            refuses(() => sendrecv([kind.filled(1, 0), name], empty));
          }
        refuses(() => sendrecv([new Int16Array(1), MPI.FLOAT16], empty));
        refuses(() => sendrecv([new Float32Array(1), "bfloat16"], empty));
      },

      ...Object.fromEntries(
        BAD_BUFFERS.map(([what, bad]) => [
          `${what} is no buffer`,
          () => {
            refuses(() => sendrecv(bad, empty));
            refuses(() => sendrecv(empty, bad));
          },
        ]),
      ),
    },
  },
  {
    name: "TestMessageBlock",
    comms: ["WORLD.Dup"],
    cases: {
      "a buffer that is no whole number of blocks is refused": ({
        comm,
        size,
      }) => {
        if (size === 1) return;
        refuses(() =>
          comm.Alltoall(new Int32Array(size + 1), new Int32Array(size + 1)),
        );
        equal(comm.allreduce(1), size);
      },
    },
  },
  {
    name: "TestMessageVector",
    cases: {
      "a buffer alone is sent whole": () =>
        everyPart(({ buffer }) => buffer, alltoallv, whole),

      "[buf, datatype] is sent whole": () =>
        everyPart(
          ({ buffer, datatype }) => [buffer, datatype],
          alltoallv,
          whole,
        ),

      "[buf, count] is its first elements": () =>
        everyPart(({ buffer, count }) => [buffer, count], alltoallv, heads),

      "[buf, [count, null]] is its first elements": () =>
        everyPart(
          ({ buffer, count }) => [buffer, [count, null]],
          alltoallv,
          heads,
        ),

      "[buf, [counts, displs]] is a part": () =>
        everyPart(
          ({ buffer, count, displ }) => [buffer, [[count], [displ]]],
          alltoallv,
          all,
        ),

      "[buf, count, datatype] is its first elements": () =>
        everyPart(
          ({ buffer, count, datatype }) => [buffer, count, datatype],
          alltoallv,
          heads,
        ),

      "[buf, null, datatype] is sent whole": () =>
        everyPart(
          ({ buffer, datatype }) => [buffer, null, datatype],
          alltoallv,
          whole,
        ),

      "[buf, [count, displs], datatype] is a part": () =>
        everyPart(
          ({ buffer, count, displ, datatype }) => [
            buffer,
            [count, [displ]],
            datatype,
          ],
          alltoallv,
          all,
        ),

      "[buf, count, displs, datatype] is a part": () =>
        everyPart(
          ({ buffer, count, displ, datatype }) => [
            buffer,
            count,
            [displ],
            datatype,
          ],
          alltoallv,
          all,
        ),

      "counts and displacements may be typed arrays": () => {
        const numbers = (n: number) => Int32Array.of(n);
        everyPart(
          ({ buffer, count, displ }) => [
            buffer,
            [numbers(count), numbers(displ)],
          ],
          alltoallv,
          all,
        );
        everyPart(
          ({ buffer, count, displ, datatype }) => [
            buffer,
            numbers(count),
            numbers(displ),
            datatype,
          ],
          alltoallv,
          all,
        );
      },

      "null is a message of no elements": () => {
        alltoallv([null, 0, MPI.BYTE], [null, 0, MPI.BYTE]);
        alltoallv([null, MPI.BYTE], [null, MPI.BYTE]);
        alltoallv([null, 0, [0], MPI.BYTE], [null, 0, [0], MPI.BYTE]);
      },

      "what is no message is refused": () => {
        for (const bad of [
          [buffer(), 0, [0], "int32", null],
          [buffer(), 0, [0], "\0"],
          [buffer(), null, [0], MPI.DATATYPE_NULL],
          [buffer(), [3], [0], "int32"],
          [buffer(), [1], [2], "int32"],
          [buffer(), [-1], [0], "int32"],
          [buffer(), [1], [-1], "int32"],
          [buffer(), [1, 1], [0, 1], "int32"],
          [[1, 2, 3, 4], 0, 0, "int32"],
          [{ 1: 2, 3: 4 }, 0, 0, "int32"],
          Object,
        ])
          refuses(() => alltoallv(bad, [null, 0, [0], MPI.BYTE]));
      },
    },
  },
  {
    name: "TestMessageReduce",
    cases: {
      "types or counts that differ between the buffers are refused": () => {
        const [sendbuf, recvbuf] = [buffer(), buffer()];
        const comm = MPI.COMM_SELF;
        refuses(() =>
          comm.Reduce(
            [sendbuf, 1, MPI.INT],
            [new Float32Array(2) as never, 1, MPI.FLOAT],
          ),
        );
        refuses(() =>
          comm.Reduce([sendbuf, 1, MPI.INT], [recvbuf, 2, MPI.INT]),
        );
      },
    },
  },
  {
    name: "TestMessageReduceScatter",
    cases: {
      "types or counts that differ between the buffers are refused": () => {
        const [sendbuf, recvbuf] = [new Int32Array(4), new Int32Array(4)];
        const comm = MPI.COMM_SELF;
        refuses(() =>
          comm.Reduce_scatter(
            [sendbuf, 1, MPI.INT],
            [new Float32Array(4) as never, 1, MPI.FLOAT],
            [1],
          ),
        );
        refuses(() =>
          comm.Reduce_scatter(
            [sendbuf, 2, MPI.INT],
            [recvbuf, 1, MPI.INT],
            [1],
          ),
        );
        refuses(() =>
          comm.Reduce_scatter(
            [sendbuf, 2, MPI.INT],
            [recvbuf, 1, MPI.INT],
            [2],
          ),
        );
        refuses(() =>
          comm.Reduce_scatter(MPI.IN_PLACE, [recvbuf, 1, MPI.INT], [2]),
        );
      },
    },
  },
];
