import { bytesOf, bytesPerElement, type TypedArray } from "@tsmpi/protocol";
import { assertAlike, assertSameType, readRoot } from "../arguments";
import {
  type BufferSpec,
  type Elements,
  partOf,
  type Parts,
  readElements,
  readParts,
  type VectorSpec,
} from "../buffer-spec";
import { readTypedParts, type TypedPartsSpec } from "../typed-parts";
import { IN_PLACE, type InPlace } from "../constants";
import { type Arguments, inOrder } from "../options";
import type { Prequest } from "../persistent-request";
import type { Request } from "../request";
import type { Start } from "./base";
import type { Pair, Rooted, Sent, SentParts } from "./parameters";
import { BufferCollectives } from "./buffer-collectives";

/** Collectives of typed arrays with a count and a place for each rank: `[buf, counts, displacements]`, in elements. */
export abstract class VectorCollectives extends BufferCollectives {
  /** Like `Gather`; the root says how many elements come from each rank, and where they go. */
  Gatherv<B extends TypedArray>(
    ...args: Arguments<Rooted<Sent<B>, VectorSpec<B>>>
  ): void {
    this.run("gatherv", () => this.#gatherv(args));
  }
  Igatherv<B extends TypedArray>(
    ...args: Arguments<Rooted<Sent<B>, VectorSpec<B>>>
  ): Request<null> {
    return this.begin("gatherv", () => this.#gatherv(args));
  }
  Gatherv_init<B extends TypedArray>(
    ...args: Arguments<Rooted<Sent<B>, VectorSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("gatherv", () => this.#gatherv(args));
  }

  /** Like `Scatter`; the root says how many elements go to each rank, and where they are. */
  Scatterv<B extends TypedArray>(
    ...args: Arguments<Rooted<VectorSpec<B>, Sent<B>>>
  ): void {
    this.run("scatterv", () => this.#scatterv(args));
  }
  Iscatterv<B extends TypedArray>(
    ...args: Arguments<Rooted<VectorSpec<B>, Sent<B>>>
  ): Request<null> {
    return this.begin("scatterv", () => this.#scatterv(args));
  }
  Scatterv_init<B extends TypedArray>(
    ...args: Arguments<Rooted<VectorSpec<B>, Sent<B>>>
  ): Prequest<null> {
    return this.persistentCollective("scatterv", () => this.#scatterv(args));
  }

  /** Like `Allgather`; every rank says how many elements come from each, and where they go. */
  Allgatherv<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, VectorSpec<B>>>
  ): void {
    this.run("allgatherv", () => this.#allgatherv(args));
  }
  Iallgatherv<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, VectorSpec<B>>>
  ): Request<null> {
    return this.begin("allgatherv", () => this.#allgatherv(args));
  }
  Allgatherv_init<B extends TypedArray>(
    ...args: Arguments<Pair<Sent<B>, VectorSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("allgatherv", () =>
      this.#allgatherv(args),
    );
  }

  /** Like `Alltoall`; every rank says how many elements go to each and come from each, and where they are. */
  Alltoallv<B extends TypedArray>(
    ...args: Arguments<Pair<SentParts<B>, VectorSpec<B>>>
  ): void {
    this.run("alltoallv", () => this.#alltoallv(args));
  }
  Ialltoallv<B extends TypedArray>(
    ...args: Arguments<Pair<SentParts<B>, VectorSpec<B>>>
  ): Request<null> {
    return this.begin("alltoallv", () => this.#alltoallv(args));
  }
  Alltoallv_init<B extends TypedArray>(
    ...args: Arguments<Pair<SentParts<B>, VectorSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("alltoallv", () => this.#alltoallv(args));
  }

  /** Like `Alltoallv`, with a datatype for each rank: `[buf, counts, displacements in bytes, datatypes]`. */
  Alltoallw(
    ...args: Arguments<Pair<TypedPartsSpec | InPlace, TypedPartsSpec>>
  ): void {
    this.run("alltoallw", () => this.#alltoallw(args));
  }
  Ialltoallw(
    ...args: Arguments<Pair<TypedPartsSpec | InPlace, TypedPartsSpec>>
  ): Request<null> {
    return this.begin("alltoallw", () => this.#alltoallw(args));
  }
  Alltoallw_init(
    ...args: Arguments<Pair<TypedPartsSpec | InPlace, TypedPartsSpec>>
  ): Prequest<null> {
    return this.persistentCollective("alltoallw", () => this.#alltoallw(args));
  }

  #gatherv(args: Arguments<Rooted<Sent, VectorSpec>>): Start<null> {
    const [sendbuf, recvbuf, root = 0] = inOrder(args);
    const rootRank = readRoot(root, this.size);
    const target =
      this.rank === rootRank ? readParts(recvbuf, this.size, "recvbuf") : null;
    const own = target
      ? this.#ownPart(sendbuf, target)
      : readElements(sendbuf, "sendbuf");
    const { dtype } = own;
    return () => {
      const sent = this.share(own.array, dtype, { fill: true });
      const received =
        target && this.shareParts(target, { fill: hasGaps(target) });
      return this.callInto(
        "gather",
        {
          call: { name: "gatherv", dtype, root: rootRank },
          bytes: bytesOf(sent.shared),
          into: received && received.blocks,
        },
        () => received?.copyBack(),
        () => {
          sent.release();
          received?.release();
        },
      );
    };
  }

  #scatterv(args: Arguments<Rooted<VectorSpec, Sent>>): Start<null> {
    const [sendbuf, recvbuf, root = 0] = inOrder(args);
    const rootRank = readRoot(root, this.size);
    const source =
      this.rank === rootRank ? readParts(sendbuf, this.size, "sendbuf") : null;
    const own = source && {
      dtype: source.dtype,
      array: partOf(source, this.rank),
    };
    const staysInPlace =
      own !== null && (recvbuf === IN_PLACE || recvbuf === null);
    const target = staysInPlace ? null : readElements(recvbuf, "recvbuf");
    if (own && target) assertAlike(own, target);
    const { array, dtype } = (target ?? own)!;
    return () => {
      const sent = source && this.shareParts(source);
      const received = this.scratch(dtype, array.length);
      return this.callInto(
        "scatter",
        {
          call: { name: "scatterv", dtype, root: rootRank },
          blocks: sent && sent.blocks,
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

  #allgatherv(args: Arguments<Pair<Sent, VectorSpec>>): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    const target = readParts(recvbuf, this.size, "recvbuf");
    const own = this.#ownPart(sendbuf, target);
    const { dtype } = own;
    return () => {
      const sent = this.share(own.array, dtype, { fill: true });
      const received = this.shareParts(target, { fill: hasGaps(target) });
      return this.callInto(
        "allgather",
        {
          call: { name: "allgatherv", dtype, rest: target.counts },
          bytes: bytesOf(sent.shared),
          into: received.blocks,
        },
        received.copyBack,
        () => {
          sent.release();
          received.release();
        },
      );
    };
  }

  #alltoallv(args: Arguments<Pair<SentParts, VectorSpec>>): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    const target = readParts(recvbuf, this.size, "recvbuf");
    const isInPlace = sendbuf === IN_PLACE || sendbuf === null;
    const source = isInPlace
      ? target
      : readParts(sendbuf, this.size, "sendbuf");
    assertSameType(source, target);
    return () => {
      const sent = this.copyParts(source);
      const received = this.shareParts(target, { fill: hasGaps(target) });
      return this.callInto(
        "alltoall",
        {
          call: { name: "alltoallv", dtype: target.dtype },
          blocks: sent.blocks,
          into: received.blocks,
        },
        received.copyBack,
        () => {
          sent.release();
          received.release();
        },
      );
    };
  }

  #alltoallw(
    args: Arguments<Pair<TypedPartsSpec | InPlace, TypedPartsSpec>>,
  ): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    const target = readTypedParts(recvbuf, this.size, "recvbuf");
    const isInPlace = sendbuf === IN_PLACE || sendbuf === null;
    const source = isInPlace
      ? target
      : readTypedParts(sendbuf, this.size, "sendbuf");
    return () => {
      const sent = this.copyParts(source);
      const received = this.shareParts(target, { fill: hasGaps(target) });
      return this.callInto(
        "alltoall",
        {
          call: { name: "alltoallw" },
          blocks: sent.blocks,
          into: received.blocks,
        },
        received.copyBack,
        () => {
          sent.release();
          received.release();
        },
      );
    };
  }

  /** The parts as both threads see them. What lies between the parts stays as it is if they are filled. */
  protected shareParts(parts: Parts, { fill } = { fill: true }) {
    const shared = this.share(parts.array, parts.dtype, { fill });
    return { ...shared, blocks: blocksOf(shared.shared, parts) };
  }

  /** Shared memory with what is in the parts now, behind each other: they may be received into meanwhile. */
  protected copyParts(parts: Parts) {
    const { array, dtype, counts } = parts;
    const length = sumOf(counts);
    // Parts may lie over each other: then all of them would take more than the array does.
    if (length > array.length) {
      const copy = this.scratch(dtype, array.length);
      copy.shared.set(array as never);
      return { ...copy, blocks: blocksOf(copy.shared, parts) };
    }
    const copy = this.scratch(dtype, length);
    const places = behindEachOther(counts);
    places.forEach((place, i) =>
      copy.shared.set(partOf(parts, i) as never, place),
    );
    return { ...copy, blocks: blocksOf(copy.shared, { ...parts, places }) };
  }

  /** What this rank contributes to a gather into `target`. */
  #ownPart(sendbuf: BufferSpec | InPlace, target: Parts): Elements {
    const part = { dtype: target.dtype, array: partOf(target, this.rank) };
    if (sendbuf === IN_PLACE || (sendbuf === null && part.array.length > 0))
      return part;
    const source = readElements(sendbuf, "sendbuf");
    assertAlike(source, part);
    return source;
  }
}

/** Where parts of so many elements begin that have nothing between them. */
function behindEachOther(counts: readonly number[]): number[] {
  let next = 0;
  return counts.map((count) => (next += count) - count);
}

/** Whether there may be elements that are in no part. */
const hasGaps = ({ array, counts, places }: Parts): boolean =>
  sumOf(counts) < array.length ||
  behindEachOther(counts).some((place, i) => place !== places[i]);

const sumOf = (counts: readonly number[]): number =>
  counts.reduce((sum, count) => sum + count, 0);

/** The bytes of each part of `array`; views. */
function blocksOf(
  array: TypedArray,
  { counts, places, dtype }: Parts,
): Uint8Array[] {
  const elementBytes = bytesPerElement(dtype);
  const bytes = bytesOf(array);
  return counts.map((count, i) =>
    bytes.subarray(
      places[i]! * elementBytes,
      (places[i]! + count) * elementBytes,
    ),
  );
}
