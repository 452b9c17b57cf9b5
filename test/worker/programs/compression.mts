// Three ranks whose all-reduces are compressed on the wire, in all the ways that a program may ask for it. Prints what rank 0 gets.
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
const { rank } = comm;

const say = (what: string, result: unknown): void => {
  if (rank === 0) console.log(what, JSON.stringify(result));
};
const attempt = (what: string, call: () => unknown): void => {
  try {
    call();
    say(what, "came through");
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    say(what, `${code} ${message.split("\n")[0]}`);
  }
};
/** No codec holds them. */
const sevenths = (array: Float32Array): Float32Array =>
  array.fill((rank + 1) / 7);

const ordinary = new Float32Array(4);
comm.Allreduce(sevenths(new Float32Array(4)), ordinary, {
  compression: "bf16",
});
say("ordinary", [...ordinary]);

const inArena = sevenths(MPI.Alloc_mem(Float32Array, 4));
comm.Allreduce(MPI.IN_PLACE, inArena, MPI.AVG, { compression: "fp16" });
say("in the arena", [...inArena]);

const later = sevenths(new Float32Array(4));
await comm.Iallreduce(MPI.IN_PLACE, later, { compression: "bf16" });
say("later", [...later]);

const persistent = sevenths(new Float32Array(4));
const request = comm.Allreduce_init(MPI.IN_PLACE, persistent, {
  compression: "bf16",
});
request.Start();
request.Wait();
sevenths(persistent);
request.Start();
request.Wait();
say("persistent", [...persistent]);

const exact = sevenths(new Float32Array(4));
comm.Allreduce(MPI.IN_PLACE, exact, { compression: "none" });
say("none", [...exact]);

// Every call loses the same: with what is kept, the mean of many comes near.
for (const residual of [
  new Float32Array(4),
  MPI.Alloc_mem(Float32Array, 4).fill(0),
]) {
  let sum = 0;
  for (let call = 0; call < 64; call++) {
    const buffer = sevenths(new Float32Array(4));
    comm.Allreduce(MPI.IN_PLACE, buffer, { compression: "bf16", residual });
    sum += buffer[3]!;
  }
  say("mean", Math.abs(sum / 64 - 6 / 7) < 1e-3 && residual.some(Boolean));
}

const floats = new Float32Array(4);
attempt("unknown", () =>
  comm.Allreduce(MPI.IN_PLACE, floats, { compression: "zip" as "fp16" }),
);
attempt("integers", () =>
  comm.Allreduce(MPI.IN_PLACE, new Int32Array(4), { compression: "int8" }),
);
attempt("float16", () =>
  comm.Allreduce(MPI.IN_PLACE, [new Uint16Array(4), MPI.FLOAT16], {
    compression: "int8",
  }),
);
attempt("maximum", () =>
  comm.Allreduce(MPI.IN_PLACE, floats, MPI.MAX, { compression: "fp16" }),
);
attempt("a function", () =>
  comm.Allreduce(
    MPI.IN_PLACE,
    floats,
    MPI.Op.Create(() => {}),
    {
      compression: "fp16",
    },
  ),
);
attempt("short", () =>
  comm.Allreduce(MPI.IN_PLACE, floats, {
    ...{ compression: "fp16", residual: new Float32Array(3) },
  }),
);
attempt("without", () =>
  comm.Allreduce(MPI.IN_PLACE, floats, { residual: new Float32Array(4) }),
);
attempt("one refuses", () =>
  comm.Allreduce(MPI.IN_PLACE, rank === 1 ? new Int32Array(4) : floats, {
    compression: "fp16",
  }),
);
attempt("ranks differ", () =>
  comm.Allreduce(MPI.IN_PLACE, floats, {
    compression: rank === 2 ? "int8" : rank === 1 ? "fp16" : null,
  }),
);
attempt("afterwards", () => comm.Barrier());
