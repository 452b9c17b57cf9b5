import { MPI } from "tsmpi";
import { type Kind, KINDS, PLAIN_KINDS } from "../arrays.mts";
import { equal, ok, throws } from "../check.mts";
import { type Context, type Suite } from "../suite.mts";
import { affineOf, affineOver, compose } from "../support/affine.mts";
import { call, type Form } from "../support/forms.mts";
import { range } from "../support/loops.mts";
import { userOp } from "../support/user-ops.mts";

const FORMS: readonly Form[] = ["blocking", "non-blocking", "persistent"];
/** Wide enough for the packed maps. */
const WIDE_KINDS = PLAIN_KINDS.filter(({ name }) => !name.endsWith("int8"));
const INTEGERS = PLAIN_KINDS.filter(({ isFloat }) => !isFloat);
const FLOATS = KINDS.filter(({ isFloat }) => isFloat);
const LENGTH = 7;

/** What a reduction call leaves: over which ranks, and where in the result. */
interface Reduction {
  readonly name: string;
  /** Elements of the input of each rank. */
  readonly inputLength: (size: number) => number;
  /** Of what this rank receives; the ranks before this number are reduced; null: nothing is received. */
  readonly result: (
    context: Context,
  ) => { ranks: number; start: number; length: number } | null;
  /** The arguments behind the buffers. */
  readonly rest: (context: Context, op: unknown) => unknown[];
}

const all =
  (length: number) =>
  ({ size }: Context) => ({ ranks: size, start: 0, length });

/** Every call that reduces buffers. */
const REDUCTIONS: readonly Reduction[] = [
  {
    name: "Reduce",
    inputLength: () => LENGTH,
    result: (context) =>
      context.rank === context.size - 1 ? all(LENGTH)(context) : null,
    rest: ({ size }, op) => [op, size - 1],
  },
  {
    name: "Allreduce",
    inputLength: () => LENGTH,
    result: all(LENGTH),
    rest: (_, op) => [op],
  },
  {
    name: "Reduce_scatter_block",
    inputLength: (size) => 2 * size,
    result: ({ rank, size }) => ({ ranks: size, start: 2 * rank, length: 2 }),
    rest: (_, op) => [op],
  },
  {
    name: "Reduce_scatter",
    inputLength: (size) => (size * (size + 1)) / 2,
    result: ({ rank, size }) => ({
      ranks: size,
      start: (rank * (rank + 1)) / 2,
      length: rank + 1,
    }),
    rest: ({ size }, op) => [range(size).map((rank) => rank + 1), op],
  },
  {
    name: "Scan",
    inputLength: () => LENGTH,
    result: ({ rank }) => ({ ranks: rank + 1, start: 0, length: LENGTH }),
    rest: (_, op) => [op],
  },
  {
    name: "Exscan",
    inputLength: () => LENGTH,
    result: ({ rank }) =>
      rank === 0 ? null : { ranks: rank, start: 0, length: LENGTH },
    rest: (_, op) => [op],
  },
];

/** Runs every reduction of buffers with this op, each in one of the forms, and compares with what the ranks make together. */
function reducesTo(
  context: Context,
  kind: Kind,
  op: unknown,
  {
    input,
    over,
  }: {
    readonly input: (rank: number, index: number) => number;
    readonly over: (ranks: number, index: number) => number;
  },
): void {
  const { comm, rank, size } = context;
  for (const [
    at,
    { name, inputLength, result, rest },
  ] of REDUCTIONS.entries()) {
    const form = FORMS[(at + KINDS.indexOf(kind)) % FORMS.length]!;
    const sent = kind.from(inputLength(size), (index) => input(rank, index));
    const wanted = result(context);
    const received = kind.filled(wanted?.length ?? inputLength(size), 0);
    call(
      form,
      comm,
      name,
      kind.message(sent),
      kind.message(received),
      ...rest(context, op),
    );
    if (wanted === null) continue;
    const { ranks, start, length } = wanted;
    equal(
      received,
      kind.from(length, (index) => over(ranks, start + index)),
      `${form} ${name} of ${kind.name}`,
    );
  }
}

export const suites: readonly Suite[] = [
  {
    name: "UserOps",
    comms: ["SELF", "WORLD"],
    cases: {
      "a function that does not commute reduces values in rank order": ({
        comm,
        rank,
        size,
      }) => {
        const join = (lower: string, higher: string) => `(${lower}${higher})`;
        const over = (ranks: number) => range(ranks).map(String).reduce(join);
        const own = String(rank);
        for (const root of range(size))
          equal(
            comm.reduce(own, join, root),
            rank === root ? over(size) : null,
          );
        equal(comm.allreduce(own, join), over(size));
        equal(comm.scan(own, join), over(rank + 1));
        equal(comm.exscan(own, join), rank === 0 ? null : over(rank));
        equal(comm.ireduce(own, join).wait(), rank === 0 ? over(size) : null);
        equal(comm.iallreduce(own, join).wait(), over(size));
        equal(comm.iscan(own, join).wait(), over(rank + 1));
        equal(comm.iexscan(own, join).wait(), rank === 0 ? null : over(rank));
      },

      "an op made by Create reduces values, too": ({ comm, rank, size }) => {
        const op = MPI.Op.Create(((lower: number, higher: number) =>
          compose(lower, higher)) as never);
        equal(comm.allreduce(affineOf(rank, 0), op), affineOver(size, 0));
        op.Free();
      },

      "an op that does not commute reduces buffers in rank order": (
        context,
      ) => {
        const op = userOp(compose, false);
        for (const kind of WIDE_KINDS)
          reducesTo(context, kind, op, { input: affineOf, over: affineOver });
        op.Free();
      },

      "an op that commutes reduces buffers in some order": (context) => {
        const op = userOp((a, b) => (a + b) % 97, true);
        for (const kind of PLAIN_KINDS)
          reducesTo(context, kind, op, {
            input: (rank, index) => 20 * rank + index,
            over: (ranks, index) =>
              (10 * ranks * (ranks - 1) + ranks * index) % 97,
          });
        op.Free();
      },

      "an op may return its result in place of writing it": (context) => {
        const op = MPI.Op.Create(((lower: Float64Array, higher: Float64Array) =>
          higher.map((value, i) => compose(lower[i]!, value))) as never);
        const kind = PLAIN_KINDS.find(({ name }) => name === "float64")!;
        reducesTo(context, kind, op, { input: affineOf, over: affineOver });
        op.Free();
      },

      "an op gets the datatype of the buffers": ({ comm, size }) => {
        const seen: unknown[] = [];
        const op = MPI.Op.Create(((
          lower: Uint16Array,
          higher: Uint16Array,
          datatype: InstanceType<typeof MPI.Datatype>,
        ) => {
          seen.push(datatype.equals(MPI.FLOAT16));
          higher.set(lower);
        }) as never);
        const received = new Uint16Array(3);
        comm.Allreduce(
          [Uint16Array.of(1, 2, 3), MPI.FLOAT16],
          [received, MPI.FLOAT16],
          op,
        );
        equal(received, Uint16Array.of(1, 2, 3));
        equal(new Set(seen), new Set(size > 1 ? [true] : []));
        op.Free();
      },

      "an op that throws raises on every rank": ({ comm, size }) => {
        const dup = comm.Dup();
        const op = MPI.Op.Create(() => {
          throw new RangeError("not with me");
        });
        const buffer = new Int32Array(LENGTH);
        if (size > 1) {
          let error: unknown = null;
          try {
            dup.Allreduce(MPI.IN_PLACE, buffer, op);
          } catch (caught) {
            error = caught;
          }
          ok(error instanceof Error, "nothing was thrown");
          ok(String(error).includes("not with me"), String(error));
        }
        op.Free();
        dup.Free();
        equal(comm.allreduce(1), size);
      },

      "no call can be made from within an op": ({ comm, rank, size }) => {
        if (size === 1) return;
        const dup = comm.Dup();
        let error: unknown = null;
        const nested = (lower: number, higher: number) => {
          try {
            dup.barrier();
          } catch (caught) {
            error = caught;
          }
          return lower + higher;
        };
        equal(dup.allreduce(rank, nested), (size * (size - 1)) / 2);
        ok(error instanceof MPI.Exception, String(error));
        dup.Free();
      },

      "what is no op is refused": ({ comm, size }) => {
        const buffer = new Int32Array(1);
        for (const op of [MPI.OP_NULL, null, 3, "SUM"] as never[]) {
          throws(() => comm.allreduce(1, op), "ERR_OP");
          throws(() => comm.Allreduce(MPI.IN_PLACE, buffer, op), "ERR_OP");
          throws(() => comm.Scan(MPI.IN_PLACE, buffer, op), "ERR_OP");
        }
        equal(comm.allreduce(1), size);
      },

      "a function is no op for buffers": ({ comm, size }) => {
        const buffer = new Int32Array(1);
        const plus = (a: number, b: number) => a + b;
        throws(
          () => comm.Allreduce(MPI.IN_PLACE, buffer, plus as never),
          "ERR_OP",
        );
        equal(comm.allreduce(1), size);
      },
    },
  },
  {
    name: "PredefinedOps",
    comms: ["SELF", "WORLD"],
    cases: {
      "REPLACE gives the last rank's values, NO_OP the first's": (context) => {
        for (const kind of KINDS) {
          const input = (rank: number, index: number) => 10 * rank + index;
          reducesTo(context, kind, MPI.REPLACE, {
            input,
            over: (ranks, index) => input(ranks - 1, index),
          });
          reducesTo(context, kind, MPI.NO_OP, {
            input,
            over: (_, index) => input(0, index),
          });
        }
      },

      "AVG gives the mean": (context) => {
        const { comm, rank, size } = context;
        // Over 1, 2 … 5 ranks the means are whole: lcm(1 … 5) = 60.
        equal(comm.allreduce(60 * rank, MPI.AVG), 30 * (size - 1));
        for (const kind of FLOATS)
          reducesTo(context, kind, MPI.AVG, {
            input: (rank, index) => 4 * rank + index,
            over: (ranks, index) => 2 * (ranks - 1) + index,
          });
      },

      "bits and truth combine, for integers": (context) => {
        const bits = [0b0101, 0b0011, 0b1111, 0b0110, 0b1100];
        const input = (rank: number, index: number) =>
          (bits[rank]! >> (index % 4)) & 1;
        const over =
          (op: (a: number, b: number) => number) =>
          (ranks: number, index: number) =>
            range(ranks)
              .map((rank) => input(rank, index))
              .reduce(op);
        for (const kind of INTEGERS)
          for (const [name, op] of [
            ["BAND", (a: number, b: number) => a & b],
            ["BOR", (a: number, b: number) => a | b],
            ["BXOR", (a: number, b: number) => a ^ b],
            ["LAND", (a: number, b: number) => a & b],
            ["LOR", (a: number, b: number) => a | b],
            ["LXOR", (a: number, b: number) => a ^ b],
          ] as const)
            if (name.startsWith("B") || kind.name.endsWith("int32"))
              reducesTo(context, kind, MPI[name], { input, over: over(op) });
      },

      "logical ops give 1 for whatever is true": ({ comm, rank, size }) => {
        // One rank's values are its values: nothing is combined.
        if (size === 1) return;
        for (const kind of INTEGERS) {
          const own = kind.from(2, (index) => (index === 0 ? rank + 2 : 0));
          const result = kind.filled(2, 0);
          comm.Allreduce(own, result, MPI.LAND);
          equal(
            result,
            kind.from(2, (index) => (index === 0 ? 1 : 0)),
          );
          comm.Allreduce(own, result, MPI.LOR);
          equal(
            result,
            kind.from(2, (index) => (index === 0 ? 1 : 0)),
          );
          comm.Allreduce(own, result, MPI.LXOR);
          equal(
            result,
            kind.from(2, (index) => (index === 0 ? size % 2 : 0)),
          );
        }
      },

      "ops on bits and truth are refused for floats, on every rank": ({
        comm,
        size,
      }) => {
        for (const kind of FLOATS)
          for (const name of [
            "BAND",
            "BOR",
            "BXOR",
            "LAND",
            "LOR",
            "LXOR",
          ] as const)
            throws(
              () =>
                comm.Allreduce(
                  MPI.IN_PLACE,
                  kind.message(kind.filled(1, 1)) as never,
                  MPI[name],
                ),
              "ERR_OP",
            );
        equal(comm.allreduce(1), size);
      },

      "MINLOC and MAXLOC of values that are equal give the lower index": ({
        comm,
        rank,
        size,
      }) => {
        equal(comm.allreduce([7, 100 + rank], MPI.MINLOC), [7, 100]);
        equal(comm.allreduce([7, 100 + rank], MPI.MAXLOC), [7, 100]);
        // The lower index, not the lower rank.
        equal(comm.allreduce([7, 100 - rank], MPI.MINLOC), [
          7,
          100 - (size - 1),
        ]);
        equal(comm.allreduce([7, 100 - rank], MPI.MAXLOC), [
          7,
          100 - (size - 1),
        ]);
        equal(comm.scan([5 - rank, rank], MPI.MINLOC), [5 - rank, rank]);
        equal(comm.scan([5 - rank, rank], MPI.MAXLOC), [5, 0]);
      },

      "MINLOC and MAXLOC reduce buffers of pairs": (context) => {
        const pairs = (value: (rank: number, pair: number) => number) => ({
          input: (rank: number, index: number) =>
            index % 2 === 0
              ? value(rank, index / 2)
              : 10 * rank + (index - 1) / 2,
        });
        const kinds = KINDS.filter(({ name }) => !name.includes("uint"));
        const { comm, rank, size } = context;
        for (const kind of kinds)
          for (const form of FORMS) {
            // The first pair is the rank's, the second is equal everywhere, the third falls with the rank.
            const { input } = pairs((of, pair) => [of, 5, 9 - of][pair]!);
            const sent = kind.from(6, (index) => input(rank, index));
            const least = kind.filled(6, 0);
            const most = kind.filled(6, 0);
            const message = kind.message(sent);
            call(
              form,
              comm,
              "Allreduce",
              message,
              kind.message(least),
              MPI.MINLOC,
            );
            call(
              form,
              comm,
              "Allreduce",
              message,
              kind.message(most),
              MPI.MAXLOC,
            );
            const last = size - 1;
            equal(
              least,
              kind.from(6, (i) => [0, 0, 5, 1, 9 - last, 10 * last + 2][i]!),
            );
            equal(
              most,
              kind.from(6, (i) => [last, 10 * last, 5, 1, 9, 2][i]!),
            );
          }
      },

      "MINLOC and MAXLOC refuse half a pair": ({ comm, size }) => {
        throws(
          () => comm.Allreduce(MPI.IN_PLACE, new Int32Array(3), MPI.MINLOC),
          ["ERR_COUNT", "ERR_ARG", "ERR_OP"],
        );
        equal(comm.allreduce(1), size);
      },

      "sums wrap as the type does": ({ comm, size }) => {
        for (const kind of INTEGERS) {
          const highest = kind.isSigned ? kind.exactBelow - 1 : -1;
          if (!Number.isSafeInteger(highest) || kind.name.startsWith("big"))
            continue;
          const result = kind.filled(1, 0);
          comm.Allreduce(kind.filled(1, highest), result, MPI.SUM);
          equal(result, kind.filled(1, size * highest));
        }
        const result = new BigInt64Array(1);
        comm.Allreduce(BigInt64Array.of(2n ** 62n), result, MPI.SUM);
        equal(
          result,
          BigInt64Array.of(BigInt.asIntN(64, 2n ** 62n * BigInt(size))),
        );
      },

      "integers of 64 bits keep all of them": ({ comm, rank, size }) => {
        const own = BigInt64Array.of(2n ** 60n + BigInt(rank));
        const result = new BigInt64Array(1);
        comm.Allreduce(own, result, MPI.MAX);
        equal(result, BigInt64Array.of(2n ** 60n + BigInt(size - 1)));
        equal(comm.allreduce(2n ** 60n + BigInt(rank), MPI.MIN), 2n ** 60n);
      },
    },
  },
];
