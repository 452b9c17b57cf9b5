import { MPI } from "tsmpi";
import { equal, isFalse, isTrue, refuses, throws } from "../check.mts";
import type { Suite } from "../suite.mts";
import { type Kind, KINDS } from "../arrays.mts";
import { of } from "../support/loops.mts";

type Op = typeof MPI.SUM;

/** Elementwise into the second array, as an op for buffers does; sums of lists as well, for `call`. */
function sum(a: Int32Array, b: Int32Array): Int32Array {
  for (let i = 0; i < a.length; i++) b[i] = a[i]! + b[i]!;
  return b;
}

function bitOr(a: Uint8Array, b: Uint8Array, datatype: unknown): void {
  isTrue(MPI.BYTE.equals(datatype));
  equal(a.length, b.length);
  for (let i = 0; i < a.length; i++) b[i] = a[i]! | b[i]!;
}

const commutativeOps = (): readonly Op[] => [
  MPI.MAX,
  MPI.MIN,
  MPI.SUM,
  MPI.PROD,
  MPI.LAND,
  MPI.BAND,
  MPI.LOR,
  MPI.BOR,
  MPI.LXOR,
  MPI.BXOR,
  MPI.MAXLOC,
  MPI.MINLOC,
];

function calls(op: Op, x: unknown, y: unknown, expected: unknown): void {
  equal(op.call(x as never, y as never), expected);
  equal(new MPI.Op(op).call(x as never, y as never), expected);
}

/** What each op makes of two elements; where it is not defined for floats it says so. */
const ELEMENTWISE: readonly {
  readonly name:
    | "SUM"
    | "PROD"
    | "MIN"
    | "MAX"
    | "LAND"
    | "LOR"
    | "LXOR"
    | "BAND"
    | "BOR"
    | "BXOR"
    | "REPLACE"
    | "NO_OP";
  readonly integersOnly?: boolean;
  readonly combine: (a: number, b: number) => number;
}[] = [
  { name: "SUM", combine: (a, b) => a + b },
  { name: "PROD", combine: (a, b) => a * b },
  { name: "MIN", combine: (a, b) => Math.min(a, b) },
  { name: "MAX", combine: (a, b) => Math.max(a, b) },
  { name: "LAND", integersOnly: true, combine: (a, b) => (a && b ? 1 : 0) },
  { name: "LOR", integersOnly: true, combine: (a, b) => (a || b ? 1 : 0) },
  { name: "LXOR", integersOnly: true, combine: (a, b) => (!a !== !b ? 1 : 0) },
  { name: "BAND", integersOnly: true, combine: (a, b) => a & b },
  { name: "BOR", integersOnly: true, combine: (a, b) => a | b },
  { name: "BXOR", integersOnly: true, combine: (a, b) => a ^ b },
];

const A = [0, 0, 1, 3, 5, 6, 7, 9];
const B = [0, 2, 0, 3, 4, 6, 1, 8];

const pairs = (values: readonly number[]): number[] =>
  values.flatMap((value, k) => [value, k]);

function reduceLocal(
  op: Op,
  kind: Kind,
  a: readonly number[],
  b: readonly number[],
) {
  const [inbuf, inoutbuf] = [of(kind, a), of(kind, b)];
  op.Reduce_local(kind.message(inbuf), kind.message(inoutbuf));
  equal(inbuf, of(kind, a));
  return inoutbuf;
}

export const suites: readonly Suite[] = [
  {
    name: "TestOp",
    comms: ["SELF", "WORLD"],
    cases: {
      "a user's op reduces buffers, and can be called": ({
        comm,
        rank,
        size,
      }) => {
        const scale = (size * (size + 1)) / 2;
        for (const commute of [true, false])
          for (let length = 0; length < 4; length++) {
            const op = MPI.Op.Create(sum, commute);
            isFalse(op.is_predefined);
            const a = Int32Array.from({ length }, (_, i) => i * (rank + 1));
            const b = new Int32Array(length);
            comm.Allreduce([a, MPI.INT], [b, MPI.INT], op);
            equal(
              b,
              Int32Array.from({ length }, (_, i) => scale * i),
            );
            isTrue(op.call(a as never, b as never) === (b as never));
            equal(
              b,
              Int32Array.from({ length }, (_, i) => a[i]! + scale * i),
            );
            const twos = new Int32Array(length).fill(2);
            const copy = new MPI.Op(op);
            isTrue(
              copy.call(
                new Int32Array(length).fill(1) as never,
                twos as never,
              ) === (twos as never),
            );
            equal(twos, new Int32Array(length).fill(3));
            op.Free();
            isTrue(op.equals(MPI.OP_NULL));
          }
      },
    },
  },
  {
    name: "TestOp",
    cases: {
      "a new one is null": () => {
        const op = new MPI.Op();
        isTrue(op.isNull);
        isTrue(op.equals(MPI.OP_NULL));
      },

      "there may be many, and each reduces": () => {
        for (let round = 0; round < 2; round++) {
          const ops = Array.from({ length: 40 }, () =>
            MPI.Op.Create(bitOr as never),
          );
          const a = new Uint8Array(3).fill(2);
          const b = new Uint8Array(3).fill(4);
          for (const op of ops) {
            op.Reduce_local([a, MPI.BYTE], [b, MPI.BYTE]);
            equal([...a], [2, 2, 2]);
            equal([...b], [6, 6, 6]);
          }
          for (const op of ops) op.Free();
        }
      },

      "the predefined ones can be called": () => {
        const { OP_NULL } = MPI;
        refuses(() => (OP_NULL.call as () => void)());
        refuses(() => OP_NULL.call(null as never, null as never));
        calls(MPI.MIN, 2, 3, 2);
        calls(MPI.MAX, 2, 3, 3);
        calls(MPI.SUM, 2, 3, 5);
        calls(MPI.PROD, 2, 3, 6);
        for (const x of [false, true])
          for (const y of [false, true]) {
            calls(MPI.LAND, x, y, x && y);
            calls(MPI.LOR, x, y, x || y);
            calls(MPI.LXOR, x, y, x !== y);
          }
        for (let x = 0; x < 5; x++)
          for (let y = 0; y < 5; y++) {
            calls(MPI.BAND, x, y, x & y);
            calls(MPI.BOR, x, y, x | y);
            calls(MPI.BXOR, x, y, x ^ y);
          }
        calls(MPI.REPLACE, 2, 3, 3);
        calls(MPI.REPLACE, 3, 2, 2);
        calls(MPI.NO_OP, 2, 3, 2);
        calls(MPI.NO_OP, 3, 2, 3);
      },

      "they take strings and bigints where the language does": () => {
        calls(MPI.SUM, "ab", "cd", "abcd");
        calls(MPI.MAX, "ab", "cd", "cd");
        calls(MPI.SUM, 2n ** 62n, 1n, 2n ** 62n + 1n);
        calls(MPI.BOR, 2n ** 62n, 1n, 2n ** 62n + 1n);
        calls(MPI.PROD, 3n, 4n, 12n);
      },

      "on lists, Sets and Maps they do what Python's operators do": () => {
        calls(MPI.SUM, [1], [2, 3], [1, 2, 3]);
        calls(MPI.PROD, "ab", 2, "abab");
        calls(MPI.MAX, [1, 2], [1, 10], [1, 10]);
        calls(MPI.MIN, [1, 2], [1], [1]);
        calls(MPI.BAND, new Set([1, 2]), new Set([2, 3]), new Set([2]));
        calls(MPI.BOR, new Set([1]), new Set([2]), new Set([1, 2]));
        calls(MPI.BXOR, true, true, false);
        calls(MPI.LOR, [], 0, false);
        refuses(() => MPI.SUM.call(1 as never, "a" as never));
        refuses(() => MPI.SUM.call(null as never, 1));
        refuses(() => MPI.MAX.call({} as never, {} as never));
      },

      "MIN and MAX of equals is either": () => {
        equal(MPI.MIN.call([1] as never, [1] as never), [1]);
        equal(MPI.MAX.call([1] as never, [1] as never), [1]);
      },

      "MINLOC and MAXLOC give the winner's value and place": () => {
        for (const [u, v] of [
          [
            [1, 2],
            [2, 1],
          ],
          [
            [-0.5, 9],
            [0.25, 3],
          ],
          [
            ["a", 2],
            ["b", 1],
          ],
          [
            [1n, 2],
            [2n, 1],
          ],
        ]) {
          calls(MPI.MINLOC, u, v, u);
          calls(MPI.MINLOC, v, u, u);
          calls(MPI.MAXLOC, u, v, v);
          calls(MPI.MAXLOC, v, u, v);
        }
      },

      "MINLOC and MAXLOC of equals give the lower place": () => {
        for (const op of [MPI.MINLOC, MPI.MAXLOC]) {
          calls(op, [1, 0], [1, 1], [1, 0]);
          calls(op, [1, 1], [1, 0], [1, 0]);
          calls(op, ["a", 3], ["a", 2], ["a", 2]);
        }
      },

      "the predefined ones commute": () => {
        for (const op of commutativeOps()) {
          isTrue(op.Is_commutative());
          isTrue(op.is_commutative);
        }
      },

      "a user's commutes if it was made so": () => {
        for (const commute of [true, false]) {
          const op = MPI.Op.Create(sum, commute);
          equal(op.Is_commutative(), commute);
          equal(op.is_commutative, commute);
          op.Free();
        }
        const op = MPI.Op.Create(sum);
        isFalse(op.Is_commutative());
        op.Free();
      },

      "REPLACE and NO_OP say whether they commute in two ways": () => {
        for (const op of [MPI.REPLACE, MPI.NO_OP])
          equal(op.Is_commutative(), op.is_commutative);
      },

      "the predefined ones and OP_NULL say that they are": () => {
        isTrue(MPI.OP_NULL.is_predefined);
        for (const op of commutativeOps()) isTrue(op.is_predefined);
      },

      "a copy is equal, another is not": () => {
        for (const op of commutativeOps()) {
          isTrue(new MPI.Op(op).equals(op));
          isFalse(op.equals(MPI.OP_NULL));
          equal(
            commutativeOps().filter((other) => op.equals(other)),
            [op],
          );
        }
        const [one, other] = [MPI.Op.Create(sum), MPI.Op.Create(sum)];
        isFalse(one.equals(other));
        one.Free();
        other.Free();
      },

      "a freed one refuses": () => {
        const op = MPI.Op.Create(sum);
        op.Free();
        isTrue(op.isNull);
        throws(() => op.Free(), ["ERR_OP", "ERR_ARG"]);
        refuses(() => op.call([1] as never, [2] as never));
      },
    },
  },
  {
    name: "TestReduceLocal",
    cases: {
      ...Object.fromEntries(
        ELEMENTWISE.map(({ name, combine, integersOnly = false }) => [
          `${name} on every type that it is defined for`,
          () => {
            for (const kind of KINDS) {
              if (integersOnly && kind.isFloat) {
                throws(() => reduceLocal(MPI[name], kind, A, B), "ERR_OP");
                continue;
              }
              equal(
                reduceLocal(MPI[name], kind, A, B),
                of(
                  kind,
                  A.map((a, i) => combine(a, B[i]!)),
                ),
                kind.name,
              );
            }
          },
        ]),
      ),

      "MINLOC and MAXLOC on pairs of every type": () => {
        const values = [3, 1, 4, 1];
        const others = [3, 2, 4, 0];
        for (const kind of KINDS) {
          const a = pairs(values);
          const b = others.flatMap((value, k) => [value, k === 2 ? 0 : k + 5]);
          equal(
            reduceLocal(MPI.MINLOC, kind, a, b),
            of(kind, [3, 0, 1, 1, 4, 0, 0, 8]),
            kind.name,
          );
          equal(
            reduceLocal(MPI.MAXLOC, kind, a, b),
            of(kind, [3, 0, 2, 6, 4, 0, 1, 3]),
            kind.name,
          );
        }
      },

      "integers wrap": () => {
        const kind = (name: string) =>
          KINDS.find((other) => other.name === name)!;
        equal(
          reduceLocal(MPI.SUM, kind("int8"), [127], [1]),
          Int8Array.of(-128),
        );
        equal(
          reduceLocal(MPI.SUM, kind("uint8"), [255], [2]),
          Uint8Array.of(1),
        );
        equal(
          reduceLocal(MPI.PROD, kind("int32"), [2 ** 30 + 1], [5]),
          Int32Array.of(Math.imul(2 ** 30 + 1, 5)),
        );
        const large = BigInt64Array.of(2n ** 63n - 1n);
        MPI.SUM.Reduce_local(BigInt64Array.of(2n), large);
        equal(large, BigInt64Array.of(-(2n ** 63n) + 1n));
      },

      "lengths or types that differ are refused": () => {
        refuses(() =>
          MPI.SUM.Reduce_local(new Int32Array(2), new Int32Array(3)),
        );
        refuses(() =>
          MPI.SUM.Reduce_local(new Int32Array(2), new Float32Array(2)),
        );
        refuses(() =>
          MPI.MINLOC.Reduce_local(new Int32Array(3), new Int32Array(3)),
        );
      },
    },
  },
];
