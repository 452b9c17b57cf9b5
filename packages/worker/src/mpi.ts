import { hostname } from "node:os";
import type { ReduceOp } from "@tsmpi/collective";
import {
  type Dtype,
  dtypeOf,
  type TypedArray,
  ArgumentError,
} from "@tsmpi/protocol";
import { SELF_CONTEXT, WORLD_CONTEXT } from "./bridge/calls";
import { isFinalized, isInitialized, theRuntime } from "./init";
import { Communicator } from "./main-thread/communicator";
import {
  ANY_SOURCE,
  ANY_TAG,
  IN_PLACE,
  PROC_NULL,
} from "./main-thread/constants";
import { Op } from "./main-thread/op";
import { Request } from "./main-thread/request";
import { Status } from "./main-thread/status";

let world: Communicator | null = null;
let self: Communicator | null = null;

const op = (name: ReduceOp): Op => new Op(name);

/** Names and meaning are mpi4py's. Importing it starts nothing and loads no TensorFlow. */
export const MPI = {
  /** All ranks of the job. The first touch starts the runtime and blocks until all ranks have found each other. */
  get COMM_WORLD(): Communicator {
    const runtime = theRuntime();
    const { rank, size } = runtime.environment;
    return (world ??= new Communicator(runtime, {
      context: WORLD_CONTEXT,
      rank,
      size,
    }));
  },
  /** This rank alone. */
  get COMM_SELF(): Communicator {
    return (self ??= new Communicator(theRuntime(), {
      context: SELF_CONTEXT,
      rank: 0,
      size: 1,
    }));
  },

  SUM: op("SUM"),
  PROD: op("PROD"),
  MIN: op("MIN"),
  MAX: op("MAX"),
  LAND: op("LAND"),
  LOR: op("LOR"),
  LXOR: op("LXOR"),
  BAND: op("BAND"),
  BOR: op("BOR"),
  BXOR: op("BXOR"),

  ANY_SOURCE,
  ANY_TAG,
  PROC_NULL,
  IN_PLACE: IN_PLACE,

  Request,
  Status,

  /**
   * A buffer of `length` elements, zeroed, in memory that the communication thread sees too: collectives on it copy nothing.
   * It stays until `MPI.Free_mem`.
   */
  Alloc_mem<Buffer extends TypedArray>(
    type: new (length: number) => Buffer,
    length: number,
  ): Buffer {
    const dtype: Dtype | null = dtypeOf(new type(0));
    if (dtype === null)
      throw new ArgumentError(`${type.name} is no typed array`);
    const buffer = theRuntime().arena.allocate(dtype, length);
    buffer.fill(0 as never);
    return buffer as Buffer;
  },
  Free_mem(buffer: TypedArray): void {
    theRuntime().arena.release(buffer);
  },

  /** The name of this host. */
  Get_processor_name: (): string => hostname(),
  /** Seconds from some fixed point. */
  Wtime: (): number => performance.now() / 1_000,
  Is_initialized: isInitialized,
  Is_finalized: isFinalized,
  /** Ends this rank's part in the job, in good order; the end of the program does it too. */
  Finalize(): void {
    theRuntime().finalize();
  },
} as const;
