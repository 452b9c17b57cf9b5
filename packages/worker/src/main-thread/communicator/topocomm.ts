import type { CallName } from "@tsmpi/collective";
import { ArgumentError, decodeValue, type TypedArray } from "@tsmpi/protocol";
import { evenCount, readList } from "../arguments";
import {
  type BufferSpec,
  type Parts,
  readElements,
  readParts,
  type VectorSpec,
} from "../buffer-spec";
import { PROC_NULL } from "../constants";
import { encoded } from "../payloads";
import { type Arguments, inOrder } from "../options";
import type { Prequest } from "../persistent-request";
import type { Request } from "../request";
import { readTypedParts, type TypedPartsSpec } from "../typed-parts";
import type { Start } from "./base";
import type { OneList, OneValue, Pair } from "./parameters";
import { Intracomm } from "./intracomm";

/** Whom a rank receives from and sends to, in the order of its blocks. PROC_NULL: nobody; the block stays as it is. */
export interface Neighborhood {
  readonly sources: readonly number[];
  readonly destinations: readonly number[];
  /** The order in which messages of one source are meant for its blocks, where that is not the order of the blocks. */
  readonly arrival?: readonly number[];
}

/**
 * A communicator of the kind that is wanted.
 *
 * @throws {ArgumentError} it is of another kind
 */
export function sameKind<Kind extends Intracomm>(
  comm: Intracomm,
  kind: abstract new (...args: never[]) => Kind,
): Kind {
  if (comm instanceof kind) return comm;
  throw new ArgumentError(`the communicator is no ${kind.name}`);
}

/**
 * A communicator whose ranks have neighbours: what all topologies share, and collectives with the neighbours alone.
 *
 * @noInheritDoc
 */
export abstract class Topocomm extends Intracomm {
  /** @internal */
  constructor(from: ConstructorParameters<typeof Intracomm>[0] = null) {
    super(from);
    if (from instanceof Intracomm) sameKind(from, Topocomm);
  }

  /** @internal */
  abstract get neighborhood(): Neighborhood;

  /** In-neighbours and out-neighbours. */
  get inoutedges(): [inedges: number[], outedges: number[]] {
    return [this.inedges, this.outedges];
  }
  get inedges(): number[] {
    return [...this.neighborhood.sources];
  }
  get outedges(): number[] {
    return [...this.neighborhood.destinations];
  }
  get indegree(): number {
    return this.neighborhood.sources.length;
  }
  get outdegree(): number {
    return this.neighborhood.destinations.length;
  }
  get degrees(): [indegree: number, outdegree: number] {
    return [this.indegree, this.outdegree];
  }

  /** This rank's value to each out-neighbour; the values of the in-neighbours, in their order. */
  neighbor_allgather<T>(...args: Arguments<OneValue<T>>): T[] {
    return this.ineighbor_allgather(...args).wait();
  }
  ineighbor_allgather<T>(...args: Arguments<OneValue<T>>): Request<T[]> {
    return this.begin("neighbor_allgather", () => {
      const [sendobj] = inOrder(args);
      const block = encoded(sendobj);
      return this.#values<T>(
        "neighbor_allgather",
        this.neighborhood.destinations.map(() => block),
      );
    });
  }
  /** Item i of the list to the i-th out-neighbour; the values of the in-neighbours for this rank, in their order. */
  neighbor_alltoall<T>(...args: Arguments<OneList<T>>): T[] {
    return this.ineighbor_alltoall<T>(...args).wait();
  }
  ineighbor_alltoall<T>(...args: Arguments<OneList<T>>): Request<T[]> {
    return this.begin("neighbor_alltoall", () => {
      const [sendobj] = inOrder(args);
      return this.#values<T>(
        "neighbor_alltoall",
        readList(sendobj, this.outdegree).map(encoded),
      );
    });
  }

  /** This rank's n elements to each out-neighbour; indegree × n elements. */
  Neighbor_allgather<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, BufferSpec<B>>>
  ): void {
    this.run("neighbor_allgather", () => this.#allgather(args));
  }
  Ineighbor_allgather<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, BufferSpec<B>>>
  ): Request<null> {
    return this.begin("neighbor_allgather", () => this.#allgather(args));
  }
  Neighbor_allgather_init<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, BufferSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("neighbor_allgather", () =>
      this.#allgather(args),
    );
  }
  /** The same with a count and a place for each in-neighbour. */
  Neighbor_allgatherv<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, VectorSpec<B>>>
  ): void {
    this.run("neighbor_allgatherv", () => this.#allgatherv(args));
  }
  Ineighbor_allgatherv<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, VectorSpec<B>>>
  ): Request<null> {
    return this.begin("neighbor_allgatherv", () => this.#allgatherv(args));
  }
  Neighbor_allgatherv_init<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, VectorSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("neighbor_allgatherv", () =>
      this.#allgatherv(args),
    );
  }
  /** n elements to each out-neighbour, n from each in-neighbour. */
  Neighbor_alltoall<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, BufferSpec<B>>>
  ): void {
    this.run("neighbor_alltoall", () => this.#alltoall(args));
  }
  Ineighbor_alltoall<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, BufferSpec<B>>>
  ): Request<null> {
    return this.begin("neighbor_alltoall", () => this.#alltoall(args));
  }
  Neighbor_alltoall_init<B extends TypedArray>(
    ...args: Arguments<Pair<BufferSpec<B>, BufferSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("neighbor_alltoall", () =>
      this.#alltoall(args),
    );
  }
  /** The same with a count and a place for each neighbour. */
  Neighbor_alltoallv<B extends TypedArray>(
    ...args: Arguments<Pair<VectorSpec<B>, VectorSpec<B>>>
  ): void {
    this.run("neighbor_alltoallv", () => this.#alltoallv(args));
  }
  Ineighbor_alltoallv<B extends TypedArray>(
    ...args: Arguments<Pair<VectorSpec<B>, VectorSpec<B>>>
  ): Request<null> {
    return this.begin("neighbor_alltoallv", () => this.#alltoallv(args));
  }
  Neighbor_alltoallv_init<B extends TypedArray>(
    ...args: Arguments<Pair<VectorSpec<B>, VectorSpec<B>>>
  ): Prequest<null> {
    return this.persistentCollective("neighbor_alltoallv", () =>
      this.#alltoallv(args),
    );
  }
  /** The same with a datatype for each neighbour, and displacements in bytes. */
  Neighbor_alltoallw(
    ...args: Arguments<Pair<TypedPartsSpec, TypedPartsSpec>>
  ): void {
    this.run("neighbor_alltoallw", () => this.#alltoallw(args));
  }
  Ineighbor_alltoallw(
    ...args: Arguments<Pair<TypedPartsSpec, TypedPartsSpec>>
  ): Request<null> {
    return this.begin("neighbor_alltoallw", () => this.#alltoallw(args));
  }
  Neighbor_alltoallw_init(
    ...args: Arguments<Pair<TypedPartsSpec, TypedPartsSpec>>
  ): Prequest<null> {
    return this.persistentCollective("neighbor_alltoallw", () =>
      this.#alltoallw(args),
    );
  }

  #allgather(args: Arguments<Pair<BufferSpec, BufferSpec>>): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    return this.#toAll(
      "neighbor_allgather",
      sendbuf,
      this.#equal(recvbuf, this.indegree, "recvbuf"),
    );
  }

  #allgatherv(args: Arguments<Pair<BufferSpec, VectorSpec>>): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    return this.#toAll(
      "neighbor_allgatherv",
      sendbuf,
      readParts(recvbuf, this.indegree, "recvbuf"),
    );
  }

  #alltoall(args: Arguments<Pair<BufferSpec, BufferSpec>>): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    return this.#exchange(
      "neighbor_alltoall",
      this.#equal(sendbuf, this.outdegree, "sendbuf"),
      this.#equal(recvbuf, this.indegree, "recvbuf"),
    );
  }

  #alltoallv(args: Arguments<Pair<VectorSpec, VectorSpec>>): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    return this.#exchange(
      "neighbor_alltoallv",
      readParts(sendbuf, this.outdegree, "sendbuf"),
      readParts(recvbuf, this.indegree, "recvbuf"),
    );
  }

  #alltoallw(
    args: Arguments<Pair<TypedPartsSpec, TypedPartsSpec>>,
  ): Start<null> {
    const [sendbuf, recvbuf] = inOrder(args);
    return this.#exchange(
      "neighbor_alltoallw",
      readTypedParts(sendbuf, this.outdegree, "sendbuf"),
      readTypedParts(recvbuf, this.indegree, "recvbuf"),
    );
  }

  /** A buffer that is cut into equal parts. */
  #equal(spec: BufferSpec, parts: number, name: string): Parts {
    const { array, dtype } = readElements(spec, name, parts);
    const n = parts === 0 ? 0 : evenCount({ array, dtype }, parts, name);
    const ranks = Array.from({ length: parts }, (_, i) => i);
    return {
      array,
      dtype,
      counts: ranks.map(() => n),
      places: ranks.map((i) => i * n),
    };
  }

  #toAll(name: CallName, sendbuf: BufferSpec, target: Parts): Start<null> {
    const { array, dtype } = readElements(sendbuf, "sendbuf");
    const everyone = this.neighborhood.destinations;
    const source = {
      array,
      dtype,
      counts: everyone.map(() => array.length),
      places: everyone.map(() => 0),
    };
    return this.#exchange(name, source, target);
  }

  #exchange(name: CallName, source: Parts, target: Parts): Start<null> {
    return () => {
      const sent = this.copyParts(source);
      const received = this.shareParts(target);
      return this.callInto(
        "exchange",
        {
          call: { name, dtype: target.dtype },
          ...this.#routes(sent.blocks),
          into: this.#inOrderOfArrival(received.blocks),
        },
        received.copyBack,
        () => {
          sent.release();
          received.release();
        },
      );
    };
  }

  #values<T>(name: CallName, blocks: readonly Uint8Array[]): Start<T[]> {
    return () =>
      this.call(
        "exchange",
        {
          call: { name },
          ...this.#routes(blocks),
          into: null,
        },
        (received) => {
          const values = Array.from<T>({ length: this.indegree }).fill(
            null as T,
          );
          this.#arrival().forEach((place, i) => {
            values[place] = decodeValue(received![i]!) as T;
          });
          return values;
        },
      );
  }

  /** What goes where, and whose messages are received in which order; nobody is left out. */
  #routes(blocks: readonly Uint8Array[]) {
    const { sources, destinations } = this.neighborhood;
    const isSomebody = (_: unknown, i: number): boolean =>
      destinations[i] !== PROC_NULL;
    return {
      blocks: blocks.filter(isSomebody),
      destinations: destinations.filter(isSomebody),
      sources: this.#arrival().map((place) => sources[place]!),
    };
  }

  #inOrderOfArrival<Block>(blocks: readonly Block[]): Block[] {
    return this.#arrival().map((place) => blocks[place]!);
  }

  /** Places of the blocks that are received, in the order in which messages of one source are meant for them. */
  #arrival(): number[] {
    const { sources, arrival = sources.map((_, place) => place) } =
      this.neighborhood;
    return arrival.filter((place) => sources[place] !== PROC_NULL);
  }
}
