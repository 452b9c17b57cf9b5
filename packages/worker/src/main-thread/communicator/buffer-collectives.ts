import { bytesOf, type TypedArray } from "@tsmpi/protocol";
import { assertAlike, evenCount, readRoot } from "../arguments";
import { type BufferSpec, type Elements, readElements } from "../buffer-spec";
import { IN_PLACE, type InPlace } from "../constants";
import { type Arguments, inOrder } from "../options";
import type { Prequest } from "../persistent-request";
import type { Request } from "../request";
import type { Start } from "./base";
import type { Bcast, Pair, Rooted, Sent } from "./parameters";
import { ValueCollectives } from "./value-collectives";

/**
 * Collectives of typed arrays in place, by the capital calls; buffers from `MPI.Alloc_mem` are not copied. Each has a
 * non-blocking twin with `I` in front, whose buffers must be left alone until it is complete, and a persistent form with
 * `_init` behind.
 */
export abstract class BufferCollectives extends ValueCollectives {
  Barrier_init(): Prequest<null> {
    return this.persistentCollective("barrier", () => this.startBarrier());
  }

  /** The root's buffer, everywhere. All buffers have the same length and type. */
  Bcast(...args: Arguments<Bcast>): void {
    this.run("bcast", () => this.#bcast(args));
  }
  Ibcast(...args: Arguments<Bcast>): Request<null> {
    return this.begin("bcast", () => this.#bcast(args));
  }
  Bcast_init(...args: Arguments<Bcast>): Prequest<null> {
    return this.persistentCollective("bcast", () => this.#bcast(args));
  }

  /** Every rank's n elements, in rank order, in the root's `recvbuf` of size × n. At the root `sendbuf` may be IN_PLACE. */
  Gather<B extends TypedArray>(
    ...args: Arguments<Rooted<Sent<B>, BufferSpec<B>>>
  ): void {
    this.run("gather", () => this.#gather(args));
  }
  Igather<B extends TypedArray>(
    ...args: Arguments<Rooted<Sent<B>, BufferSpec<B>>>
  ): Request<null> {
    return this.begin("gather", () => this.#gather(args));
  }
  Gather_init<B extends TypedArray>(
    ...args: Arguments<Rooted<Sent<B>, BufferSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("gather", () => this.#gather(args));
  }

  /** Every rank's n elements, in rank order, in everybody's `recvbuf` of size × n. */
  Allgather<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, BufferSpec<B>>>
  ): void {
    this.run("allgather", () => this.#allgather(args));
  }
  Iallgather<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, BufferSpec<B>>>
  ): Request<null> {
    return this.begin("allgather", () => this.#allgather(args));
  }
  Allgather_init<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, BufferSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("allgather", () => this.#allgather(args));
  }

  /** The root's `sendbuf` of size × n elements, n to each rank. At the root `recvbuf` may be IN_PLACE. */
  Scatter<B extends TypedArray>(
    ...args: Arguments<Rooted<BufferSpec<B>, Sent<B>>>
  ): void {
    this.run("scatter", () => this.#scatter(args));
  }
  Iscatter<B extends TypedArray>(
    ...args: Arguments<Rooted<BufferSpec<B>, Sent<B>>>
  ): Request<null> {
    return this.begin("scatter", () => this.#scatter(args));
  }
  Scatter_init<B extends TypedArray>(
    ...args: Arguments<Rooted<BufferSpec<B>, Sent<B>>>
  ): Prequest<null> {
    return this.persistentCollective("scatter", () => this.#scatter(args));
  }

  /** n elements to each rank, n from each, both in rank order. IN_PLACE: what is sent is in `recvbuf`. */
  Alltoall<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, BufferSpec<B>>>
  ): void {
    this.run("alltoall", () => this.#alltoall(args));
  }
  Ialltoall<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, BufferSpec<B>>>
  ): Request<null> {
    return this.begin("alltoall", () => this.#alltoall(args));
  }
  Alltoall_init<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, BufferSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("alltoall", () => this.#alltoall(args));
  }

  #bcast(args: Arguments<Bcast>): Start<null> {
    const [buf, root = 0] = inOrder(args);
    const rootRank = readRoot(root, this.size);
    const { array, dtype } = readElements(buf, "buf");
    const isRoot = this.rank === rootRank;
    return () => {
      const { shared, copyBack, release } = this.share(array, dtype, {
        fill: isRoot,
      });
      const bytes = bytesOf(shared);
      return this.callInto(
        "bcast",
        {
          call: { name: "bcast", dtype, count: array.length, root: rootRank },
          bytes: isRoot ? bytes : null,
          into: isRoot ? null : bytes,
        },
        () => (isRoot ? undefined : copyBack()),
        release,
      );
    };
  }

  #gather(args: Arguments<Rooted<Sent, BufferSpec>>): Start<null> {
    const [sendbuf, recvbuf, root = 0] = inOrder(args);
    const rootRank = readRoot(root, this.size);
    const target =
      this.rank === rootRank
        ? readElements(recvbuf, "recvbuf", this.size)
        : null;
    const own = target
      ? this.#ownPart(sendbuf, target)
      : readElements(sendbuf, "sendbuf");
    const { dtype } = own;
    return () => {
      const sent = this.share(own.array, dtype, { fill: true });
      const received =
        target && this.share(target.array, dtype, { fill: false });
      return this.callInto(
        "gather",
        {
          call: {
            name: "gather",
            dtype,
            count: own.array.length,
            root: rootRank,
          },
          bytes: bytesOf(sent.shared),
          into: received && equalBlocks(received.shared, this.size),
        },
        () => received?.copyBack(),
        () => {
          sent.release();
          received?.release();
        },
      );
    };
  }

  #allgather(args: Arguments<Pair<Sent, BufferSpec>>): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    const target = readElements(recvbuf, "recvbuf", this.size);
    const own = this.#ownPart(sendbuf, target);
    const { dtype } = own;
    return () => {
      const sent = this.share(own.array, dtype, { fill: true });
      const received = this.share(target.array, dtype, { fill: false });
      return this.callInto(
        "allgather",
        {
          call: { name: "allgather", dtype, count: own.array.length },
          bytes: bytesOf(sent.shared),
          into: equalBlocks(received.shared, this.size),
        },
        received.copyBack,
        () => {
          sent.release();
          received.release();
        },
      );
    };
  }

  #scatter(args: Arguments<Rooted<BufferSpec, Sent>>): Start<null> {
    const [sendbuf, recvbuf, root = 0] = inOrder(args);
    const rootRank = readRoot(root, this.size);
    const source =
      this.rank === rootRank
        ? readElements(sendbuf, "sendbuf", this.size)
        : null;
    const staysInPlace =
      source !== null && (recvbuf === IN_PLACE || recvbuf === null);
    const target = staysInPlace ? null : readElements(recvbuf, "recvbuf");
    const n = source
      ? evenCount(source, this.size, "sendbuf")
      : target!.array.length;
    if (source && target)
      assertAlike({ ...source, array: source.array.subarray(0, n) }, target);
    const { dtype } = (source ?? target)!;
    return () => {
      const sent = source && this.share(source.array, dtype, { fill: true });
      const received = this.scratch(dtype, n);
      return this.callInto(
        "scatter",
        {
          call: { name: "scatter", dtype, count: n, root: rootRank },
          blocks: sent && equalBlocks(sent.shared, this.size),
          into: bytesOf(received.shared),
        },
        () => target?.array.set(received.shared as never),
        () => {
          sent?.release();
          received.release();
        },
      );
    };
  }

  #alltoall(args: Arguments<Pair<Sent, BufferSpec>>): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    const target = readElements(recvbuf, "recvbuf", this.size);
    const n = evenCount(target, this.size, "recvbuf");
    const isInPlace = sendbuf === IN_PLACE || sendbuf === null;
    const source = isInPlace
      ? target
      : readElements(sendbuf, "sendbuf", this.size);
    assertAlike(source, target);
    const { dtype } = target;
    return () => {
      const sent = this.scratch(dtype, source.array.length);
      sent.shared.set(source.array as never);
      const received = this.share(target.array, dtype, { fill: false });
      return this.callInto(
        "alltoall",
        {
          call: { name: "alltoall", dtype, count: n },
          blocks: equalBlocks(sent.shared, this.size),
          into: equalBlocks(received.shared, this.size),
        },
        received.copyBack,
        () => {
          sent.release();
          received.release();
        },
      );
    };
  }

  /** What this rank contributes to a gather into `target`. */
  #ownPart(sendbuf: BufferSpec | InPlace, target: Elements): Elements {
    const n = evenCount(target, this.size, "recvbuf");
    const part = {
      ...target,
      array: target.array.subarray(this.rank * n, (this.rank + 1) * n),
    };
    if (sendbuf === IN_PLACE || (sendbuf === null && n > 0)) return part;
    const source = readElements(sendbuf, "sendbuf");
    assertAlike(source, part);
    return source;
  }
}

/** The bytes of each of `count` equal parts; views. */
function equalBlocks(array: TypedArray, count: number): Uint8Array[] {
  const bytes = bytesOf(array);
  const length = bytes.byteLength / count;
  return Array.from({ length: count }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  );
}
