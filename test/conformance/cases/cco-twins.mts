import { MPI } from "tsmpi";
import { equal, isNull, isTrue, ok, until } from "../check.mts";
import { COMMS, type Context, type Suite } from "../suite.mts";
import { range, repeat, total } from "../support/loops.mts";

/** A non-blocking call, begun, and what it must have brought when it is complete. */
interface Begun {
  readonly name: string;
  readonly request: InstanceType<typeof MPI.Request<unknown>>;
  /** Of the request, where the call is one on values. */
  readonly value?: unknown;
  /** The receive buffer and what must be in it. */
  readonly buffers?: readonly [actual: unknown, expected: unknown];
}

/** Begins every non-blocking collective on values there is. */
function beginValues({ comm, rank, size }: Context): Begun[] {
  const all = range(size);
  const root = size - 1;
  const atRoot = <T,>(value: T) => (rank === root ? value : null);
  const begun = (name: string, request: unknown, value: unknown): Begun => ({
    name,
    request: request as Begun["request"],
    value,
  });
  return [
    begun("ibcast", comm.ibcast(rank, root), root),
    begun("igather", comm.igather(rank, root), atRoot(all)),
    begun("iscatter", comm.iscatter(atRoot(all), root), rank),
    begun("iallgather", comm.iallgather(rank), all),
    begun("ialltoall", comm.ialltoall(repeat(rank, size)), all),
    begun("ireduce", comm.ireduce(rank, MPI.SUM, root), atRoot(total(all))),
    begun("iallreduce", comm.iallreduce(rank), total(all)),
    begun("iscan", comm.iscan(1), rank + 1),
    begun("iexscan", comm.iexscan(1), rank === 0 ? null : rank),
  ];
}

/** Begins every non-blocking collective on buffers there is. */
function beginBuffers({ comm, rank, size }: Context): Begun[] {
  const root = size - 1;
  const all = Int32Array.from(range(size));
  const sum = total(range(size));
  const own = () => Int32Array.of(rank);
  const counts = repeat(1, size);
  const here = (value: number) => Int32Array.of(value);
  const begin = (
    name: string,
    length: number,
    expected: Int32Array,
    call: (received: Int32Array) => unknown,
  ): Begun => {
    const received = new Int32Array(length).fill(-1);
    return {
      name,
      request: call(received) as Begun["request"],
      buffers: [received, expected],
    };
  };
  const none = new Int32Array(size).fill(-1);
  return [
    begin("Ibcast", 1, here(root), (buffer) => {
      buffer[0] = rank;
      return comm.Ibcast(buffer, root);
    }),
    begin("Igather", size, rank === root ? all : none, (received) =>
      comm.Igather(own(), rank === root ? received : null, root),
    ),
    begin("Igatherv", size, rank === root ? all : none, (received) =>
      comm.Igatherv(own(), rank === root ? [received, counts] : null, root),
    ),
    begin("Iscatter", 1, own(), (received) =>
      comm.Iscatter(rank === root ? all : null, received, root),
    ),
    begin("Iscatterv", 1, own(), (received) =>
      comm.Iscatterv(rank === root ? [all, counts] : null, received, root),
    ),
    begin("Iallgather", size, all, (received) =>
      comm.Iallgather(own(), received),
    ),
    begin("Iallgatherv", size, all, (received) =>
      comm.Iallgatherv(own(), [received, counts]),
    ),
    begin("Ialltoall", size, all, (received) =>
      comm.Ialltoall(Int32Array.from(repeat(rank, size)), received),
    ),
    begin("Ialltoallv", size, all, (received) =>
      comm.Ialltoallv(
        [Int32Array.from(repeat(rank, size)), counts],
        [received, counts],
      ),
    ),
    begin("Ireduce", 1, rank === root ? here(sum) : here(-1), (received) =>
      comm.Ireduce(own(), received, MPI.SUM, root),
    ),
    begin("Iallreduce", 1, here(sum), (received) =>
      comm.Iallreduce(own(), received),
    ),
    begin("Ireduce_scatter", 1, here(size * rank), (received) =>
      comm.Ireduce_scatter(all, received, counts),
    ),
    begin("Ireduce_scatter_block", 1, here(size * rank), (received) =>
      comm.Ireduce_scatter_block(all, received),
    ),
    begin("Iscan", 1, here(rank + 1), (received) =>
      comm.Iscan(here(1), received),
    ),
    begin("Iexscan", 1, here(rank === 0 ? -1 : rank), (received) =>
      comm.Iexscan(here(1), received),
    ),
  ];
}

const beginAll = (context: Context): Begun[] => [
  ...beginValues(context),
  ...beginBuffers(context),
];

const isComplete = ({ name, request, buffers }: Begun): void => {
  isTrue(request.isNull, name);
  if (buffers) equal(buffers[0], buffers[1], name);
};

export const suites: readonly Suite[] = [
  {
    name: "Twins",
    comms: COMMS,
    cases: {
      "ibarrier is complete when every rank has begun it": async ({ comm }) => {
        comm.ibarrier().wait();
        comm.Ibarrier().Wait();
        await comm.ibarrier();
        await comm.Ibarrier();
        const request = comm.ibarrier();
        until(() => request.Test());
        isNull(request);
      },

      "wait gives the value of each twin": (context) => {
        for (const begun of beginAll(context)) {
          const value = begun.request.wait();
          if ("value" in begun) equal(value, begun.value, begun.name);
          isComplete(begun);
        }
      },

      "await gives the value of each twin": async (context) => {
        for (const begun of beginAll(context)) {
          const value = await begun.request;
          if ("value" in begun) equal(value, begun.value, begun.name);
          isComplete(begun);
        }
      },

      "test gives the value of each twin once it is there": (context) => {
        for (const begun of beginAll(context)) {
          let value: unknown = null;
          until(() => {
            const [flag, result] = begun.request.test();
            value = result;
            return flag;
          });
          if ("value" in begun) equal(value, begun.value, begun.name);
          isComplete(begun);
        }
      },

      "they are complete in any order, however they were begun": (context) => {
        for (const begun of beginAll(context).reverse()) {
          const value = begun.request.wait();
          if ("value" in begun) equal(value, begun.value, begun.name);
          isComplete(begun);
        }
      },

      "Promise.all takes them": async (context) => {
        const all = beginAll(context);
        const values = await Promise.all(all.map(({ request }) => request));
        all.forEach((begun, at) => {
          if ("value" in begun) equal(values[at], begun.value, begun.name);
          isComplete(begun);
        });
      },

      "waitall gives a list of their values": (context) => {
        const all = beginAll(context);
        const values = MPI.Request.waitall(all.map(({ request }) => request));
        all.forEach((begun, at) => {
          if ("value" in begun) equal(values[at], begun.value, begun.name);
          isComplete(begun);
        });
      },

      "waitany gives one after the other": (context) => {
        const all = beginAll(context);
        const requests = all.map(({ request }) => request);
        const seen = new Set<number>();
        for (const _ of all) {
          const [index, value] = MPI.Request.waitany(requests);
          ok(!seen.has(index), `${index} twice`);
          seen.add(index);
          const begun = all[index]!;
          if ("value" in begun) equal(value, begun.value, begun.name);
          isComplete(begun);
        }
        equal(MPI.Request.waitany(requests), [MPI.UNDEFINED, null]);
      },

      "blocking calls pass those that are under way": (context) => {
        const { comm, rank, size } = context;
        const all = beginAll(context);
        equal(comm.allgather(rank), range(size));
        comm.barrier();
        for (const { request } of all) request.Wait();
        for (const begun of all) isComplete(begun);
      },
    },
  },
];
