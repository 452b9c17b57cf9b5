import { MPI } from "tsmpi";
import {
  equal,
  isFalse,
  isLive,
  isNull,
  isOneOf,
  isTrue,
  ok,
  throws,
} from "../check.mts";
import { type Comm, COMMS, type Context, type Suite } from "../suite.mts";
import { range } from "../support/loops.mts";

type Info = InstanceType<typeof MPI.Info>;

/** A new communicator of the same ranks in the same order. Frees it. */
function isCongruent(made: Comm, comm: Comm): void {
  ok(made instanceof MPI.Intracomm, "not an Intracomm");
  isLive(made);
  equal(MPI.Comm.Compare(comm, made), MPI.CONGRUENT);
  equal(comm.Compare(made), MPI.CONGRUENT);
  equal([made.rank, made.size], [comm.rank, comm.size]);
  equal(made.allreduce(1), comm.size);
  made.Free();
  isNull(made);
}

/** Nothing, no info, and one. */
function forEachInfo(body: (info: Info | null) => void): void {
  const info = MPI.Info.Create();
  for (const given of [null, MPI.INFO_NULL, info]) body(given);
  info.Free();
}

/** What splits by a piece of hardware: only "mpi_shared_memory" is one that is known. */
function splitsByHardware({ comm, rank, size }: Context, type: number): void {
  isNull(comm.Split_type(type));
  isNull(comm.Split_type(type, 0, MPI.INFO_NULL));
  const info = MPI.Info.Create();
  isNull(comm.Split_type(type, { info }));
  info.Set("foo", "bar");
  isNull(comm.Split_type(type, { info }));
  info.Set("mpi_hw_resource_type", "@no-such-thing@");
  isNull(comm.Split_type(type, { info }));
  info.Set("mpi_hw_resource_type", "mpi_shared_memory");
  const shared = comm.Split_type(type, { info });
  equal([shared.rank, shared.size], [rank, size]);
  shared.Free();
  for (const root of range(size)) {
    const alone = comm.Split_type(rank === root ? type : MPI.UNDEFINED, {
      info,
    });
    equal(alone.isNull, rank !== root);
    if (rank !== root) continue;
    equal([alone.rank, alone.size], [0, 1]);
    alone.Free();
  }
  info.Free();
}

export const suites: readonly Suite[] = [
  {
    name: "CommNull",
    cases: {
      "a new communicator is null, and not COMM_NULL itself": () => {
        for (const comm of [new MPI.Comm(), new MPI.Intracomm()]) {
          isNull(comm);
          isTrue(comm.equals(MPI.COMM_NULL));
          ok(comm !== MPI.COMM_NULL);
        }
      },

      "a communicator is made from a communicator only": () => {
        throws(
          () => new MPI.Comm([1, 2, 3] as never),
          ["ERR_ARG", "ERR_TYPE", "ERR_COMM"],
        );
      },

      "COMM_NULL has a name, and takes no call": () => {
        equal(MPI.COMM_NULL.Get_name(), "MPI_COMM_NULL");
        throws(() => MPI.COMM_NULL.Get_size(), "ERR_COMM");
        throws(() => MPI.COMM_NULL.Get_rank(), "ERR_COMM");
        throws(() => MPI.COMM_NULL.barrier(), "ERR_COMM");
        throws(() => MPI.COMM_NULL.send(1, 0), "ERR_COMM");
        throws(() => MPI.COMM_NULL.Dup(), "ERR_COMM");
        throws(() => MPI.COMM_NULL.Free(), "ERR_COMM");
      },
    },
  },
  {
    name: "Comm",
    comms: COMMS,
    cases: {
      "a communicator made from another is the same one": ({ comm }) => {
        const other = new MPI.Comm(comm);
        ok(other !== comm);
        isTrue(other.equals(comm));
        isTrue(comm.equals(other));
        isFalse(comm.equals(MPI.COMM_NULL));
      },

      "rank is below size": ({ comm }) => {
        ok(comm.Get_size() >= 1);
        ok(comm.Get_rank() >= 0 && comm.Get_rank() < comm.Get_size());
      },

      "the group has the same size and rank": ({ comm }) => {
        const group = comm.Get_group();
        equal(
          [group.Get_size(), group.Get_rank()],
          [comm.Get_size(), comm.Get_rank()],
        );
        group.Free();
        isTrue(group.equals(MPI.GROUP_NULL));
      },

      "a clone is freed apart from the original": ({ comm, size }) => {
        const clone = comm.Clone();
        equal(clone.size, size);
        clone.Free();
        isTrue(clone.equals(MPI.COMM_NULL));
        equal(comm.allreduce(1), size);
      },

      "a communicator is identical with itself, congruent with its Dup": ({
        comm,
      }) => {
        isOneOf(MPI.Comm.Compare(comm, MPI.COMM_WORLD), [
          MPI.IDENT,
          MPI.CONGRUENT,
          MPI.SIMILAR,
          MPI.UNEQUAL,
        ]);
        equal(MPI.Comm.Compare(comm, comm), MPI.IDENT);
        isCongruent(comm.Dup(), comm);
      },

      "the same ranks in another order are similar, others unequal": ({
        comm,
        rank,
        size,
      }) => {
        const backwards = comm.Split(0, -rank);
        equal(backwards.rank, size - 1 - rank);
        equal(
          comm.Compare(backwards),
          size === 1 ? MPI.CONGRUENT : MPI.SIMILAR,
        );
        backwards.Free();
        const alone = comm.Split(rank);
        equal(comm.Compare(alone), size === 1 ? MPI.CONGRUENT : MPI.UNEQUAL);
        alone.Free();
      },

      "every communicator is within one group": ({ comm }) => {
        isFalse(comm.Is_inter());
        isTrue(comm.Is_intra());
      },

      "a name can be set and read": ({ comm }) => {
        const name = comm.Get_name();
        comm.Set_name("mycomm");
        equal(comm.Get_name(), "mycomm");
        equal(comm.name, "mycomm");
        comm.name = name;
        equal(comm.Get_name(), name);
      },

      "Dup takes an info, or none": ({ comm }) => {
        forEachInfo((info) => {
          isCongruent(comm.Dup(info), comm);
          if (info !== null) isCongruent(comm.Dup_with_info(info), comm);
        });
      },

      "Idup gives a communicator that is ready when its request is": ({
        comm,
      }) => {
        const [dup, request] = comm.Idup();
        request.Wait();
        isCongruent(dup, comm);
      },

      "Idup takes an info, or none": ({ comm }) => {
        forEachInfo((info) => {
          const [dup, request] = comm.Idup(info);
          request.Wait();
          isCongruent(dup, comm);
        });
        const [dup, request] = comm.Idup_with_info(MPI.INFO_NULL);
        request.Wait();
        isCongruent(dup, comm);
      },

      "an info can be set and read": ({ comm }) => {
        const empty = MPI.Info.Create();
        comm.Set_info(empty);
        empty.Free();
        const info = comm.Get_info();
        comm.Set_info(info);
        info.Free();
      },

      "Create of the group itself gives the same ranks": ({ comm }) => {
        const group = comm.Get_group();
        isCongruent(comm.Create(group), comm);
        group.Free();
      },

      "Create of a part gives COMM_NULL to the others": ({
        comm,
        rank,
        size,
      }) => {
        const all = comm.Get_group();
        const last = all.Incl([size - 1]);
        const made = comm.Create(last);
        equal(made.isNull, rank !== size - 1);
        if (!made.isNull) {
          equal([made.rank, made.size], [0, 1]);
          made.Free();
        } else ok(made === MPI.COMM_NULL);
        last.Free();
        all.Free();
      },

      "Create_group is called by the ranks of the group alone": ({
        comm,
        rank,
        size,
      }) => {
        const all = comm.Get_group();
        isCongruent(comm.Create_group(all), comm);
        const others = all.Excl([0]);
        if (rank > 0) {
          const made = comm.Create_group(others, 7);
          equal(made.allreduce(1), size - 1);
          made.Free();
        }
        others.Free();
        all.Free();
      },

      "Create_from_group needs no communicator": ({ comm }) => {
        const group = comm.Get_group();
        isCongruent(MPI.Intracomm.Create_from_group(group), comm);
        group.Free();
      },

      "Split orders by key, then by rank": ({ comm, rank, size }) => {
        const same = comm.Split(42, 42);
        equal([same.rank, same.size], [rank, size]);
        same.Free();
        const alone = comm.Split(rank, 42);
        equal([alone.rank, alone.size], [0, 1]);
        alone.Free();
        const halves = comm.Split(rank % 2, -rank);
        const mine = range(size).filter((other) => other % 2 === rank % 2);
        equal(halves.allgather(rank), mine.reverse());
        halves.Free();
      },

      "Split with UNDEFINED gives COMM_NULL": ({ comm, rank, size }) => {
        const part = comm.Split(rank === 0 ? MPI.UNDEFINED : 1);
        if (rank === 0) ok(part === MPI.COMM_NULL);
        else {
          equal([part.rank, part.size], [rank - 1, size - 1]);
          part.Free();
        }
      },

      "Split refuses a negative colour": ({ comm, size }) => {
        throws(() => comm.Split(-1), "ERR_ARG");
        equal(comm.allreduce(1), size);
      },

      "Split refuses a key that is no whole number": ({ comm, size }) => {
        throws(() => comm.Split(0, "first" as never), "ERR_ARG");
        throws(() => comm.Split(0, 0.5), "ERR_ARG");
        equal(comm.allreduce(1), size);
      },

      "Split_type refuses what is no type": ({ comm, size }) => {
        throws(() => comm.Split_type(99), "ERR_ARG");
        equal(comm.allreduce(1), size);
      },

      "Split_type gives the ranks of one host": ({ comm, rank, size }) => {
        ok(comm.Split_type(MPI.UNDEFINED) === MPI.COMM_NULL);
        const shared = comm.Split_type(MPI.COMM_TYPE_SHARED);
        equal([shared.rank, shared.size], [rank, size]);
        shared.Free();
        for (const root of range(size)) {
          const alone = comm.Split_type(
            rank === root ? MPI.COMM_TYPE_SHARED : MPI.UNDEFINED,
          );
          equal(alone.isNull, rank !== root);
          if (rank !== root) continue;
          equal([alone.rank, alone.size], [0, 1]);
          alone.Free();
        }
      },

      "Split_type by a hardware that is named": (context) => {
        splitsByHardware(context, MPI.COMM_TYPE_HW_GUIDED);
      },

      "Split_type by a resource that is named": (context) => {
        splitsByHardware(context, MPI.COMM_TYPE_RESOURCE_GUIDED);
      },

      "Split_type by hardware as far as it goes ends with COMM_NULL": ({
        comm,
      }) => {
        const levels = [comm];
        while (levels.length < 32) {
          const whole = levels.at(-1)!;
          const info = MPI.Info.Create();
          const part = whole.Split_type(
            MPI.COMM_TYPE_HW_UNGUIDED,
            whole.rank,
            info,
          );
          if (part.isNull) {
            info.Free();
            break;
          }
          ok(info.Get("mpi_hw_resource_type"), "it does not say what it is");
          ok(part.size < whole.size, "it is no smaller");
          info.Free();
          levels.push(part);
        }
        for (const level of levels.slice(1)) level.Free();
      },

      "a buffer for buffered sends is attached and detached": ({ comm }) => {
        const dup = comm.Dup();
        const buffer = MPI.Alloc_mem(
          Uint8Array,
          (1 << 16) + MPI.BSEND_OVERHEAD,
        );
        dup.Attach_buffer(buffer);
        dup.Flush_buffer();
        dup.Iflush_buffer().Wait();
        ok(dup.Detach_buffer() === buffer, "another buffer");
        MPI.Free_mem(buffer);
        dup.Attach_buffer(MPI.BUFFER_AUTOMATIC);
        ok(dup.Detach_buffer() === MPI.BUFFER_AUTOMATIC, "another buffer");
        dup.Free();
      },

      "a communicator cannot be sent": ({ comm, rank }) => {
        throws(() => comm.bcast({ comm }, rank), "ERR_SERIALIZE");
      },

      "what calls give is there as properties, too": ({ comm }) => {
        equal(comm.size, comm.Get_size());
        equal(comm.rank, comm.Get_rank());
        equal(comm.is_intra, comm.Is_intra());
        equal(comm.is_inter, comm.Is_inter());
        equal(comm.topology, comm.Get_topology());
        equal(comm.topology, MPI.UNDEFINED);
        equal(comm.is_topo, false);
        const { group, info } = comm;
        ok(group instanceof MPI.Group);
        group.Free();
        ok(info instanceof MPI.Info);
        comm.info = info;
        info.Free();
      },

      "a freed communicator is null and takes no call": ({ comm }) => {
        const freed = comm.Dup();
        freed.Free();
        isNull(freed);
        isTrue(freed.equals(MPI.COMM_NULL));
        const buffer = new Int32Array(1);
        for (const call of [
          () => freed.Get_size(),
          () => freed.Get_rank(),
          () => freed.barrier(),
          () => freed.ibarrier(),
          () => freed.allreduce(1),
          () => freed.Allreduce(MPI.IN_PLACE, buffer),
          () => freed.send(1, 0),
          () => freed.irecv(),
          () => freed.Dup(),
          () => freed.Split(),
          () => freed.Get_group(),
          () => freed.Free(),
        ])
          throws(call, "ERR_COMM");
      },

      "a dup's deadline is the original's, and its own from then on": ({
        comm,
      }) => {
        const outer = comm.Dup();
        outer.timeoutMs = 54_321;
        const inner = outer.Dup();
        const part = outer.Split();
        equal([inner.timeoutMs, part.timeoutMs], [54_321, 54_321]);
        inner.timeoutMs = 12_345;
        equal([outer.timeoutMs, inner.timeoutMs], [54_321, 12_345]);
        for (const made of [inner, part, outer]) made.Free();
      },
    },
  },
  {
    name: "CommPredefined",
    cases: {
      "COMM_SELF is this rank": () => {
        equal([MPI.COMM_SELF.Get_rank(), MPI.COMM_SELF.Get_size()], [0, 1]);
        equal(MPI.COMM_SELF.Get_name(), "MPI_COMM_SELF");
      },

      "COMM_WORLD is all ranks": () => {
        equal(MPI.COMM_WORLD.Get_name(), "MPI_COMM_WORLD");
        ok(MPI.COMM_WORLD === MPI.COMM_WORLD);
      },

      "COMM_WORLD and COMM_SELF are not freed": () => {
        throws(() => MPI.COMM_WORLD.Free(), "ERR_COMM");
        throws(() => MPI.COMM_SELF.Free(), "ERR_COMM");
      },
    },
  },
];
