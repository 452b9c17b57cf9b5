import { MPI } from "tsmpi";
import { equal, isFalse, ok, throws } from "../check.mts";
import type { Suite } from "../suite.mts";
import { PLAIN_KINDS } from "../arrays.mts";
import { of } from "../support/loops.mts";
import { VALUES } from "../support/values.mts";

const copy = (value: unknown): unknown =>
  MPI.COMM_SELF.sendrecv(value, 0, 0, 0, 0);

class Point {
  constructor(readonly x: number) {}
  norm(): number {
    return Math.abs(this.x);
  }
}

const cyclicList = (): unknown => {
  const list: unknown[] = [1];
  list.push({ inner: list });
  return list;
};

const cyclicObject = (): unknown => {
  const object: Record<string, unknown> = { name: "a" };
  object.self = object;
  return { deep: [object] };
};

/** What cannot be sent, and where in it the message must point. */
const REFUSED: readonly [string, unknown, string][] = [
  ["a function", () => 1, ""],
  ["a symbol", Symbol("s"), ""],
  ["an instance with methods", new Point(1), ""],
  ["a function in a list", [0, { f: () => 1 }], "[1].f"],
  ["a symbol in an object", { a: { b: Symbol("s") } }, ".a.b"],
  ["an instance in a list", { points: [new Point(1)] }, ".points[0]"],
  ["a function in a Map", new Map([["key", () => 1]]), "key"],
  ["a promise", { later: Promise.resolve(1) }, ".later"],
  [
    "a key that is the prototype's",
    JSON.parse('{"__proto__": 1}'),
    "__proto__",
  ],
  ["a list that contains itself", cyclicList(), "[1].inner"],
  ["an object that contains itself", cyclicObject(), ".deep[0].self"],
];

export const suites: readonly Suite[] = [
  {
    name: "TestPickle",
    cases: {
      "every value comes back as it was": () => {
        for (const value of VALUES) equal(copy(value), value);
        equal(copy(VALUES), VALUES);
      },

      "numbers keep every bit": () => {
        for (const number of [
          Number.MAX_VALUE,
          Number.MIN_VALUE,
          Number.EPSILON,
          Number.MAX_SAFE_INTEGER,
          2 ** 32,
          -(2 ** 31) - 1,
          0.1 + 0.2,
          -0,
          NaN,
          Infinity,
        ])
          equal(copy(number), number);
      },

      "bigints of 64 bits and more keep every bit": () => {
        for (const number of [0n, -1n, 2n ** 63n, -(2n ** 64n), 10n ** 40n])
          equal(copy(number), number);
      },

      "typed arrays keep their type, and only what they show is sent": () => {
        for (const kind of PLAIN_KINDS) {
          const whole = of(kind, [1, 2, 3, 4]);
          equal(copy(whole), whole);
          const part = copy(whole.subarray(1, 3)) as typeof whole;
          equal(part, of(kind, [2, 3]));
          equal(copy([whole.subarray(2)]), [of(kind, [3, 4])]);
        }
        equal(copy(Uint8ClampedArray.of(1, 300)), Uint8ClampedArray.of(1, 255));
      },

      "an ArrayBuffer comes back with its bytes": () => {
        const { buffer } = Uint8Array.of(1, 2, 3);
        equal(copy(buffer), buffer);
        equal(copy({ buffer }), { buffer });
      },

      "dates, maps with keys that are no strings, and nested sets": () => {
        const date = new Date(0);
        const value = new Map<unknown, unknown>([
          [1, date],
          [null, new Set([[1], new Map()])],
          [true, undefined],
        ]);
        equal(copy(value), value);
        ok(Number.isNaN((copy(new Date(NaN)) as Date).getTime()));
      },

      "undefined stays, in lists and objects too": () => {
        equal(copy(undefined), undefined);
        equal(copy([undefined, null]), [undefined, null]);
        equal(copy({ a: undefined }), { a: undefined });
      },

      "keys may be odd": () => {
        const value = { "": 1, "a b": 2, constructor: 3, 7: 4, ключ: 5 };
        equal(copy(value), value);
      },

      "text of every script, and a lone surrogate's place": () => {
        for (const text of ["", "\0", "ä€𝄞", "x".repeat(100_000)])
          equal(copy(text), text);
      },

      "a copy shares nothing with the original": () => {
        const value = { list: [1], array: Float32Array.of(1) };
        const other = copy(value) as typeof value;
        other.list.push(2);
        other.array[0] = 5;
        equal(value, { list: [1], array: Float32Array.of(1) });
      },

      "a value is taken as it is at the call": () => {
        const value = [1, 2, 3];
        const request = MPI.COMM_SELF.isend(value, 0);
        value[0] = 99;
        equal(MPI.COMM_SELF.recv(0), [1, 2, 3]);
        request.wait();
      },
    },
  },
  {
    name: "TestRefusedValues",
    comms: ["SELF.Dup", "WORLD.Dup"],
    cases: Object.fromEntries(
      REFUSED.map(([what, value, path]) => [
        `${what} is refused before anything is sent${path ? ", and its place is named" : ""}`,
        ({ comm, rank }) => {
          for (const call of [
            () => comm.send(value, rank),
            () => comm.isend(value, rank),
            () => comm.ssend(value, rank),
            () => comm.sendrecv(value, rank, 0, MPI.PROC_NULL),
          ]) {
            const error = throws(call, "ERR_SERIALIZE");
            ok(error.message.includes(path), error.message);
          }
          isFalse(comm.iprobe());
          for (const call of [
            () => comm.bcast(value),
            () => comm.allgather(value),
            () => comm.allreduce(value as number),
          ])
            throws(call, "ERR_SERIALIZE");
          equal(comm.allreduce(1), comm.size);
        },
      ]),
    ),
  },
];
