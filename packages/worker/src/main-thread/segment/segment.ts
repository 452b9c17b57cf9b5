import { cpus } from "node:os";
import {
  blockBytes,
  type SegmentBlock,
  type SegmentKernels,
  stageBytes,
  type Waiting,
} from "@tsmpi/collective";
import { bytesOf, NoMemoryError, type TypedArray } from "@tsmpi/protocol";
import type { Libc } from "@tsmpi/transport";
import type { Arena } from "../../bridge/arena";
import { blockIn } from "../../bridge/block-in";
import { ENTRIES } from "../../bridge/calls";
import { AdoptedArrays } from "./adopted-arrays";
import { SegmentCommunicator } from "./segment-communicator";

/** How a rank waits in a call. */
export interface Waits {
  /** Index of the word that counts who sleeps. */
  readonly sleepers: number;
  /** What it does besides: takes in what arrives; throws if there is nothing to wait for any more. */
  readonly meanwhile: () => void;
  /** Messages wait to be fetched by others, who need this thread for it. */
  readonly isBusy: () => boolean;
}

// Of a share, behind its header: the directory of the communicators that its rank leads, then the block of COMM_WORLD.
const DIRECTORY_AT = 64;
const FIRST_BLOCK_AT = 4_096;

/** How often a rank looks at the word it waits for before it lets others have the core. */
const SPINS = 2_000;
/** Where ranks outnumber the cores: whoever it waits for may need this one. */
const SPINS_OF_MANY = 100;

/** How often it lets others have the core before it sleeps. */
const YIELDS = 20;

/** No sleep is longer: what comes over the network is noticed. */
const SLEEP_MS = 50;
/** While it is busy besides. */
const BRIEF_SLEEP_MS = 1;

/** Of a share with room for the block of COMM_WORLD and for what ranks need to use it. */
export const leastShareBytes = (size: number): number =>
  FIRST_BLOCK_AT + roundedUp(blockBytes(size)) + stageBytes(size);

export interface SegmentOptions {
  readonly libc: Libc;
  readonly arena: Arena;
  readonly kernels: SegmentKernels;
  /** World ranks of this host, in the order of their shares. */
  readonly local: readonly number[];
  readonly shareBytes: number;
  /** World rank. */
  readonly rank: number;
  /** Whether nothing comes from this world rank any more. */
  readonly isGone: (world: number) => boolean;
}

/** The memory that the ranks of this host share, as this rank sees it: a share of each, at the same places on all of them. */
export class Segment {
  readonly arena: Arena;
  readonly kernels: SegmentKernels;
  readonly #libc: Libc;
  readonly #adopted: AdoptedArrays;
  readonly #local: readonly number[];
  readonly #shareBytes: number;
  readonly #rank: number;
  readonly #isGone: SegmentOptions["isGone"];
  readonly #base: number;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array;
  readonly #spins: number;
  /** Entries of the directory that no communicator has; 0 means none. */
  readonly #entries = Array.from(
    { length: ENTRIES - 1 },
    (_, i) => ENTRIES - 1 - i,
  );

  /** Entries of the communicators that this rank leads, by the place of their blocks. */
  readonly #led = new Map<number, number>();
  /** Communicators that this rank has freed, and others have not. */
  readonly #retired = new Set<SegmentCommunicator>();

  constructor(options: SegmentOptions) {
    const { libc, arena, kernels, local, shareBytes, rank } = options;
    const { buffer } = arena.memory;
    this.#isGone = options.isGone;
    this.arena = arena;
    this.kernels = kernels;
    this.#libc = libc;
    this.#local = local;
    this.#shareBytes = shareBytes;
    this.#rank = rank;
    this.#base = libc.addressOf(buffer);
    this.#adopted = new AdoptedArrays({
      ...{ libc, base: this.#base, mostBytes: shareBytes / 2 },
      allocate: (bytes) => this.allocate(bytes),
      release: (array) => arena.release(array),
    });
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    // Of the host: a rank that is bound to one core has it to itself.
    this.#spins = local.length > cpus().length ? SPINS_OF_MANY : SPINS;
    const own = this.#shareOf(rank);
    const size = local.length;
    this.#block(own + FIRST_BLOCK_AT, size, 0).clear();
    arena.confine({
      start: own + FIRST_BLOCK_AT + roundedUp(blockBytes(size)),
      end: own + shareBytes,
    });
  }

  /** How long each share is, and which one is this rank's. */
  get shares(): { readonly shareBytes: number; readonly index: number } {
    const index = this.#local.indexOf(this.#rank);
    return { shareBytes: this.#shareBytes, index };
  }

  /** COMM_WORLD's, if all of its ranks are here. */
  world(group: readonly number[]): SegmentCommunicator | null {
    if (group.length !== this.#local.length) return null;
    const offset = this.#shareOf(this.#local[0]!) + FIRST_BLOCK_AT;
    return this.#communicator(group, offset);
  }

  /** A communicator that this rank has freed. Those of them that all ranks have freed make room. */
  retire(communicator: SegmentCommunicator): void {
    this.#retired.add(communicator);
    this.#sweep();
  }
  #sweep(): void {
    for (const one of this.#retired) {
      one.reclaim(this.#isGone);
      const entry = this.#led.get(one.block.offset);
      // Its memory goes last, when nobody looks there any more.
      const isDone = entry === undefined || one.isLeft(this.#isGone);
      if (one.isReclaimed && isDone) {
        this.#retired.delete(one);
        if (entry !== undefined) this.release(entry);
      }
    }
  }

  /** Memory of the segment; null: there is not so much left. */
  allocate(bytes: number): TypedArray | null {
    try {
      const array = this.arena.allocate("uint8", bytes);
      if (this.arena.addressOf(bytesOf(array)) !== null) return array;
      this.arena.release(array);
    } catch (error) {
      if (!(error instanceof NoMemoryError)) throw error;
    }
    return null;
  }

  /** Room for a communicator that this rank may come to lead. @returns a number below ENTRIES; 0: there is none */
  reserve(): number {
    this.#sweep();
    const size = this.#local.length;
    // Nobody to meet there.
    if (size === 1) return 0;
    const entry = this.#entries.at(-1);
    const block = entry && this.allocate(blockBytes(size));
    if (!block) return 0;
    this.#entries.pop();
    const offset = block.byteOffset;
    this.#block(offset, size, 0).clear();
    Atomics.store(this.#words, this.#entryAt(this.#rank, entry), offset | 0);
    this.#led.set(offset, entry);
    return entry;
  }

  /** Nobody will meet there. */
  release(entry: number): void {
    if (entry === 0) return;
    const at = this.#entryAt(this.#rank, entry);
    const offset = this.#words[at]! >>> 0;
    this.arena.releaseAt(offset);
    this.#led.delete(offset);
    this.#words[at] = 0;
    this.#entries.push(entry);
  }

  /** Of a communicator for which its first rank has reserved this entry; null if it does not have all of its ranks here. */
  communicator(
    group: readonly number[],
    entry: number,
  ): SegmentCommunicator | null {
    const isHere = group.every((rank) => this.#local.includes(rank));
    if (!isHere || group.length < 2 || entry === 0) return null;
    const offset = Atomics.load(this.#words, this.#entryAt(group[0]!, entry));
    return offset === 0 ? null : this.#communicator(group, offset >>> 0);
  }

  /** Of this rank's memory: null if it is not in the segment. Large arrays that come again move there. */
  addressOf(bytes: Uint8Array): number | null {
    return this.arena.addressOf(bytes) ?? this.#adopted.placeOf(bytes);
  }

  copyIn(address: number, source: Uint8Array): void {
    if (source.byteLength < LIBC_COPY_BYTES) this.#bytes.set(source, address);
    else this.#libc.copyTo(this.#base + address, source);
  }
  copyOut(target: Uint8Array, address: number): void {
    const bytes = target.byteLength;
    if (bytes < LIBC_COPY_BYTES)
      target.set(this.#bytes.subarray(address, address + bytes));
    else this.#libc.copyFrom(target, this.#base + address);
  }

  /** Blocks until the word has changed: looks for a moment, then lets others have the core, then sleeps. */
  wait(
    { index, value }: Waiting,
    { sleepers, meanwhile, isBusy }: Waits,
  ): void {
    for (let i = 0; i < this.#spins; i++)
      if (Atomics.load(this.#words, index) !== value) return;
    for (let i = 0; i < YIELDS; i++) {
      this.#libc.yieldCore();
      if (Atomics.load(this.#words, index) !== value) return;
    }
    for (;;) {
      try {
        meanwhile();
      } catch (error) {
        // What it waited for has come after all, before what was heard meanwhile.
        if (Atomics.load(this.#words, index) !== value) return;
        throw error;
      }
      Atomics.add(this.#words, sleepers, 1);
      if (Atomics.load(this.#words, index) === value)
        this.#libc.futexWait(
          this.#base + index * Int32Array.BYTES_PER_ELEMENT,
          value,
          isBusy() ? BRIEF_SLEEP_MS : SLEEP_MS,
        );
      Atomics.sub(this.#words, sleepers, 1);
      if (Atomics.load(this.#words, index) !== value) return;
    }
  }

  #communicator(group: readonly number[], offset: number): SegmentCommunicator {
    const rank = group.indexOf(this.#rank);
    const block = this.#block(offset, group.length, rank);
    return new SegmentCommunicator(this, block, group);
  }

  #block(offset: number, size: number, rank: number): SegmentBlock {
    const { memory } = this.arena;
    return blockIn(memory, { offset, size, rank });
  }

  #shareOf(rank: number): number {
    return this.#local.indexOf(rank) * this.#shareBytes;
  }
  #entryAt(rank: number, entry: number): number {
    return (this.#shareOf(rank) + DIRECTORY_AT) / 4 + entry;
  }
}

/** From here on the C library's copy is faster than a typed array's into shared memory. */
const LIBC_COPY_BYTES = 4 << 10;

const roundedUp = (bytes: number): number => Math.ceil(bytes / 4_096) * 4_096;
