// Every call of the communicator, checked against closed forms. Prints "ok" at the end.
const assert = require("node:assert/strict");
const { MPI } = require("@tsmpi/worker");

const comm = MPI.COMM_WORLD;
const rank = comm.Get_rank();
const size = comm.Get_size();
const ranks = Array.from({ length: size }, (_, r) => r);
const sum = ranks.reduce((a, b) => a + b, 0);
const left = (rank + size - 1) % size;
const right = (rank + 1) % size;

/** Throws here, on this rank, what `call` should throw. */
function raises(call, code, message) {
  assert.throws(call, (error) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

function values() {
  for (const root of ranks) {
    const value = { root, list: [root, new Float32Array([root])] };
    assert.deepEqual(
      comm.bcast(rank === root ? value : "ignored", root),
      value,
    );
    assert.deepEqual(comm.bcast(rank === root ? value : null, { root }), value);
    assert.equal(
      comm.scatter(rank === root ? ranks.map((r) => `for ${r}`) : null, root),
      `for ${rank}`,
    );
    assert.equal(comm.scatter(null, root), null);
    assert.deepEqual(
      comm.gather(`of ${rank}`, root),
      rank === root ? ranks.map((r) => `of ${r}`) : null,
    );
    assert.equal(comm.reduce(rank, MPI.SUM, root), rank === root ? sum : null);
  }
  assert.deepEqual(
    comm.allgather({ rank }),
    ranks.map((r) => ({ rank: r })),
  );
  assert.equal(comm.allreduce(rank), sum);
  assert.equal(
    comm.allreduce(rank + 1, MPI.PROD),
    ranks.reduce((a, r) => a * (r + 1), 1),
  );
  assert.equal(
    comm.allreduce(`${rank}`, (a, b) => `(${a}${b})`),
    ranks.map(String).reduce((a, b) => `(${a}${b})`),
  );
  assert.equal(comm.allreduce(BigInt(rank), MPI.MAX), BigInt(size - 1));
  comm.barrier();

  const own = comm.bcast(rank === 0 ? [1] : null);
  own.push(rank);
  assert.deepEqual(own, [1, rank]);
}

function buffers() {
  for (const shared of [false, true]) {
    const make = (type, length, fill) => {
      const buffer = shared ? MPI.Alloc_mem(type, length) : new type(length);
      for (let i = 0; i < length; i++) buffer[i] = fill(i);
      return buffer;
    };
    for (const n of [0, 1, 1000, 300_000]) {
      const expected = Float32Array.from(
        { length: n },
        (_, i) => sum + size * (i % 7),
      );
      const send = make(Float32Array, n, (i) => rank + (i % 7));
      const recv = make(Float32Array, n, () => -1);
      comm.Allreduce(send, recv);
      assert.deepEqual(Float32Array.from(recv), expected);
      comm.Allreduce(MPI.IN_PLACE, send, MPI.SUM);
      assert.deepEqual(Float32Array.from(send), expected);
      for (const root of n > 1000 ? [size - 1] : ranks) {
        const input = make(Float32Array, n, (i) => rank + (i % 7));
        const output = make(Float32Array, n, () => -1);
        comm.Reduce(input, rank === root ? output : null, MPI.SUM, root);
        if (rank === root)
          assert.deepEqual(Float32Array.from(output), expected);
        assert.deepEqual(
          Float32Array.from(input),
          Float32Array.from({ length: n }, (_, i) => rank + (i % 7)),
        );
        const buf = make(Float64Array, n, (i) =>
          rank === root ? root * 10 + i : -1,
        );
        comm.Bcast(buf, root);
        assert.deepEqual(
          Float64Array.from(buf),
          Float64Array.from({ length: n }, (_, i) => root * 10 + i),
        );
      }
      for (const buffer of [send, recv]) if (shared) MPI.Free_mem(buffer);
    }
    const n = 3;
    const all = Int32Array.from(
      { length: size * n },
      (_, i) => Math.floor(i / n) * 100 + (i % n),
    );
    for (const root of ranks) {
      const part = make(Int32Array, n, (i) => rank * 100 + i);
      const gathered = make(Int32Array, size * n, () => -1);
      comm.Gather(part, rank === root ? gathered : null, root);
      if (rank === root) assert.deepEqual(Int32Array.from(gathered), all);
      const scattered = make(Int32Array, n, () => -1);
      comm.Scatter(rank === root ? all : null, scattered, root);
      assert.deepEqual(Int32Array.from(scattered), Int32Array.from(part));
      const counts = ranks;
      const uneven = Int32Array.from({ length: sum }, (_, i) => i);
      const own = new Int32Array(rank);
      comm.Scatterv(rank === root ? [uneven, counts] : null, own, root);
      const start = ranks.slice(0, rank).reduce((a, b) => a + b, 0);
      assert.deepEqual(
        own,
        Int32Array.from({ length: rank }, (_, i) => start + i),
      );
      comm.Scatterv(
        rank === root
          ? [all, ranks.map(() => 1), ranks.map((r) => r * n)]
          : null,
        own.length ? own.subarray(0, 1) : new Int32Array(1),
        root,
      );
    }
    const everywhere = make(Int32Array, size * n, () => -1);
    comm.Allgather(
      make(Int32Array, n, (i) => rank * 100 + i),
      everywhere,
    );
    assert.deepEqual(Int32Array.from(everywhere), all);
    const inPlace = make(Int32Array, size * n, (i) =>
      Math.floor(i / n) === rank ? all[i] : -1,
    );
    comm.Allgather(MPI.IN_PLACE, inPlace);
    assert.deepEqual(Int32Array.from(inPlace), all);
  }
}

function pointToPoint() {
  const status = new MPI.Status();
  comm.send({ from: rank }, right, 7);
  assert.deepEqual(comm.recv(left, 7, status), { from: left });
  assert.deepEqual([status.Get_source(), status.Get_tag()], [left, 7]);
  comm.send("b", { dest: right, tag: 2 });
  comm.send("a", { dest: right, tag: 1 });
  assert.equal(comm.recv({ source: left, tag: 1 }), "a");
  assert.equal(
    comm.recv({ source: MPI.ANY_SOURCE, tag: MPI.ANY_TAG, status }),
    "b",
  );
  assert.equal(status.Get_tag(), 2);
  assert.deepEqual(comm.sendrecv([rank], right, 3, left, 3), [left]);
  comm.send("nobody", MPI.PROC_NULL);
  assert.equal(comm.recv(MPI.PROC_NULL, 0, status), null);
  assert.deepEqual(
    [status.Get_source(), status.Get_tag(), status.Get_count()],
    [-2, -1, 0],
  );

  const buffer = new Float32Array(5).fill(-1);
  comm.Send(Float32Array.from([rank, 1, 2]), right, 4);
  comm.Recv(buffer, left, 4, status);
  assert.deepEqual([...buffer], [left, 1, 2, -1, -1]);
  assert.equal(status.Get_count("float32"), 3);
  comm.Send(new Float32Array(9), right, 5);
  raises(
    () => comm.Recv(new Float32Array(8), left, 5),
    "ERR_TRUNCATE",
    /sent 9 elements; the receive buffer holds 8/,
  );
  comm.Send(new Int32Array(1), right, 5);
  raises(
    () => comm.Recv(new Float32Array(8), left, 5),
    "ERR_TYPE",
    /sent a buffer of int32; the receive buffer is one of float32/,
  );
  comm.send(1, right, 6);
  raises(
    () => comm.Recv(new Float32Array(8), left, 6),
    "ERR_TYPE",
    /sent a value with send/,
  );
  comm.Send(new Int32Array(1), right, 6);
  raises(() => comm.recv(left, 6), "ERR_TYPE", /receive it with Recv/);
  for (let i = 0; i < 200; i++) comm.send(i, right, 8);
  for (let i = 0; i < 200; i++) assert.equal(comm.recv(left, 8), i);
}

async function nonBlocking() {
  const inFlight = [
    comm.ibcast(rank === 0 ? "b" : null),
    comm.iscatter(rank === 0 ? ranks : null),
    comm.igather(rank),
    comm.iallgather(rank),
    comm.ireduce(rank),
    comm.iallreduce(rank),
    comm.ibarrier(),
    comm.isend("s", right, 1),
    comm.irecv(left, 1),
  ];
  const expected = [
    "b",
    rank,
    rank === 0 ? ranks : null,
    ranks,
    rank === 0 ? sum : null,
    sum,
    null,
    null,
    "s",
  ];
  assert.deepEqual(await Promise.all(inFlight), expected);

  const recv = new Float32Array(10);
  const gathered = new Int32Array(size);
  const everywhere = new Int32Array(size);
  const own = new Int32Array(1);
  const buf = Uint8Array.of(rank === 0 ? 9 : 0);
  const requests = [
    comm.Iallreduce(new Float32Array(10).fill(rank), recv),
    comm.Ibcast(buf),
    comm.Igather(Int32Array.of(rank), gathered),
    comm.Iallgather(Int32Array.of(rank), everywhere),
    comm.Iscatter(Int32Array.from(ranks), own),
    comm.Isend(Int32Array.of(rank), right, 2),
  ];
  const last = new Int32Array(1);
  requests.push(comm.Irecv(last, left, 2));
  for (const request of requests.reverse()) request.wait();
  assert.deepEqual(recv, new Float32Array(10).fill(sum));
  assert.deepEqual(
    [buf[0], own[0], last[0], [...everywhere]],
    [9, rank, left, ranks],
  );
  if (rank === 0) assert.deepEqual([...gathered], ranks);
  const total = Int32Array.of(rank);
  const reduced = new Int32Array(1);
  await comm.Ireduce(total, reduced, MPI.MAX, 0);
  if (rank === 0) assert.equal(reduced[0], size - 1);
  await comm.Iscatterv(
    rank === 0 ? [Int32Array.from(ranks), ranks.map(() => 1)] : null,
    own,
  );
  assert.equal(own[0], rank);

  const request = comm.iallreduce(1);
  let [done, value] = request.test();
  while (!done) [done, value] = request.test();
  assert.equal(value, size);
  // It is complete, and so a null request.
  assert.equal(request.wait(), null);
  assert.equal(await request, null);
}

function wrongArguments() {
  const there = { root: size };
  raises(
    () => comm.bcast(1, there),
    "ERR_ROOT",
    /root \d+ is not a rank from 0 to/,
  );
  raises(() => comm.send(1, size), "ERR_RANK", /dest/);
  raises(() => comm.recv(-5), "ERR_RANK", /source/);
  raises(() => comm.send(1, 0, -1), "ERR_TAG", /tag/);
  raises(() => comm.recv(0, -2), "ERR_TAG", /tag/);
  raises(
    () => comm.send({ f: () => 1 }, 0),
    "ERR_SERIALIZE",
    /value\.f is a function/,
  );
  raises(
    () => comm.Allreduce(new Float32Array(3), new Float32Array(2)),
    "ERR_COUNT",
    /mismatch in send count 3 and receive count 2/,
  );
  raises(
    () => comm.Allreduce(new Float32Array(2), new Int32Array(2)),
    "ERR_TYPE",
    /float32/,
  );
  raises(
    () => comm.Allreduce([1], [1]),
    "ERR_TYPE",
    /recvbuf must be a typed array/,
  );
  raises(
    () =>
      comm.Allreduce(new Float32Array(1), new Float32Array(1), (a, b) => a + b),
    "ERR_OP",
    /a function is an op for values only/,
  );
  raises(
    () => comm.Allreduce(new Float32Array(1), new Float32Array(1), MPI.BAND),
    "ERR_OP",
    /BAND is not defined for float32/,
  );
  raises(() => comm.allreduce(1, "SUM"), "ERR_OP", /op must be MPI\.SUM/);
  if (size > 1)
    raises(
      () => comm.allreduce({}),
      "ERR_OP",
      /SUM is not defined for object and object/,
    );
  raises(
    () => comm.Allgather(new Float32Array(1), new Float32Array(size + 1)),
    "ERR_COUNT",
    size === 1 ? /mismatch/ : /multiple/,
  );

  assert.equal(comm.allreduce(1), size);
}

async function main() {
  values();
  buffers();
  pointToPoint();
  await nonBlocking();
  wrongArguments();
  assert.equal(MPI.COMM_SELF.allreduce(5), 5);
  assert.equal(MPI.COMM_SELF.Get_size(), 1);
  MPI.Finalize();
  raises(() => comm.barrier(), "ERR_FINALIZED", /finalized/);
  console.log("ok");
}

void main();
