import { hostname } from "node:os";
import { inspect } from "node:util";
import {
  ArgumentError,
  bytesOf,
  CountError,
  type Dtype,
  dtypeOf,
  ERROR_NUMBERS,
  TsmpiError,
  type TypedArray,
} from "@tsmpi/protocol";
import { selfContext, WORLD_CONTEXT } from "./bridge/calls";
import { isFinalized, isInitialized, theRuntime } from "./init";
import * as attributeKeys from "./main-thread/attributes";
import {
  Cartcomm,
  COMM_NULL,
  Distgraphcomm,
  Graphcomm,
  Intracomm,
  setWorld,
  Topocomm,
} from "./main-thread/communicator";
import type { CommunicatorState } from "./main-thread/communicator/state";
import * as constants from "./main-thread/constants";
import { Datatype, DATATYPE_NULL, DATATYPES } from "./main-thread/datatype";
import * as environ from "./main-thread/environ";
import {
  Errhandler,
  ERRHANDLER_NULL,
  ERRORS_ABORT,
  ERRORS_ARE_FATAL,
  ERRORS_RETURN,
} from "./main-thread/errhandler";
import { Grequest } from "./main-thread/generalized-request";
import { Group, GROUP_EMPTY, GROUP_NULL } from "./main-thread/group";
import { constant } from "./main-thread/handle";
import { Info, INFO_ENV, INFO_NULL } from "./main-thread/info";
import { Message, MESSAGE_NO_PROC, MESSAGE_NULL } from "./main-thread/message";
import { Op, OP_NULL, OPS } from "./main-thread/op";
import { Prequest } from "./main-thread/persistent-request";
import { Request, REQUEST_NULL } from "./main-thread/request";
import type { Runtime } from "./main-thread/runtime";
import { Status } from "./main-thread/status";
import { computeDims } from "./main-thread/topology/compute-dims";

let world: Intracomm | null = null;
let self: Intracomm | null = null;

/** One of the two that every rank has from the start. */
function predefined(
  runtime: Runtime,
  name: string,
  place: Pick<CommunicatorState, "context" | "group" | "rank">,
): Intracomm {
  const { timeoutMs } = runtime.environment;
  const own = { timeoutMs, agreements: 0, forced: {}, isPredefined: true };
  const segment = runtime.worldSegment(place.group);
  const calls = { next: 0 };
  const state = { runtime, ...own, ...place, calls, segment };
  if (segment) runtime.meet(place.context, segment);
  runtime.messages.open(place.context, place.group);
  const comm = new Intracomm(state);
  comm.Set_name(name);
  return constant(comm);
}

/** Of communicators, which are the only objects that have attributes here. */
const { KEYVAL_INVALID, TAG_UB, IO, HOST, WTIME_IS_GLOBAL } = attributeKeys;
const { UNIVERSE_SIZE, APPNUM, LASTUSEDCODE } = attributeKeys;

/** Names and meaning are mpi4py's. Importing it starts nothing and loads no TensorFlow. */
export const MPI = {
  /** All ranks of the job. The first touch starts the runtime and blocks until all ranks have found each other. */
  get COMM_WORLD(): Intracomm {
    const runtime = theRuntime();
    const { rank, size } = runtime.environment;
    const group = Array.from({ length: size }, (_, r) => r);
    return (world ??= predefined(runtime, "MPI_COMM_WORLD", {
      ...{ context: WORLD_CONTEXT, group, rank },
    }));
  },
  /** This rank alone. */
  get COMM_SELF(): Intracomm {
    const runtime = theRuntime();
    const { rank } = runtime.environment;
    return (self ??= predefined(runtime, "MPI_COMM_SELF", {
      ...{ context: selfContext(rank), group: [rank], rank: 0 },
    }));
  },
  COMM_NULL,

  Comm: Intracomm,
  Intracomm,
  Topocomm,
  Cartcomm,
  Graphcomm,
  Distgraphcomm,
  Group,
  GROUP_NULL,
  GROUP_EMPTY,
  Request,
  REQUEST_NULL,
  Prequest,
  Grequest,
  Message,
  MESSAGE_NULL,
  MESSAGE_NO_PROC,
  Status,
  Op,
  OP_NULL,
  ...OPS,
  Datatype,
  DATATYPE_NULL,
  ...DATATYPES,
  Info,
  INFO_NULL,
  INFO_ENV,
  Errhandler,
  ERRHANDLER_NULL,
  ERRORS_RETURN,
  ERRORS_ARE_FATAL,
  ERRORS_ABORT,
  /** Every error of ours is one. */
  Exception: TsmpiError,
  ...ERROR_NUMBERS,
  ...constants,
  // Named again, as numbers: the compiler writes declarations of negative literals that it cannot read.
  ANY_SOURCE: constants.ANY_SOURCE as number,
  ANY_TAG: constants.ANY_TAG as number,
  PROC_NULL: constants.PROC_NULL as number,
  ROOT: constants.ROOT as number,
  UNDEFINED: constants.UNDEFINED as number,
  KEYVAL_INVALID,
  TAG_UB,
  IO,
  HOST,
  WTIME_IS_GLOBAL,
  UNIVERSE_SIZE,
  APPNUM,
  LASTUSEDCODE,
  ...environ,
  ...environ.MAXIMA,

  /** Balanced dimensions of a grid of `nnodes` ranks; those that are not 0 stay. */
  Compute_dims: computeDims,

  /**
   * A buffer of `length` elements, zeroed, in memory that the communication thread sees too: collectives on it copy nothing.
   * It stays until `MPI.Free_mem`.
   */
  Alloc_mem<Buffer extends TypedArray>(
    type: new (length: number) => Buffer,
    length: number,
  ): Buffer {
    const dtype: Dtype | null =
      typeof type === "function" ? dtypeOf(new type(0)) : null;
    if (dtype === null)
      throw new ArgumentError(
        `Alloc_mem takes a kind of typed array, such as Float32Array, and a length; ${inspect(type)} is none`,
      );
    if (!Number.isInteger(length) || length < 0)
      throw new CountError(
        `the length must be a whole number from 0, not ${inspect(length)}`,
      );
    const buffer = theRuntime().arena.allocate(dtype, length);
    bytesOf(buffer).fill(0);
    return buffer as Buffer;
  },
  Free_mem(buffer: TypedArray): void {
    theRuntime().arena.release(buffer);
  },
  /** Buffered sends of COMM_WORLD and all others need no buffer: it is only remembered. */
  Attach_buffer: (buf: constants.AttachedBuffer): void =>
    MPI.COMM_SELF.Attach_buffer(buf),
  Detach_buffer: (): constants.AttachedBuffer => MPI.COMM_SELF.Detach_buffer(),
  Flush_buffer: (): void => MPI.COMM_SELF.Flush_buffer(),
  Iflush_buffer: (): Request<null> => MPI.COMM_SELF.Iflush_buffer(),

  /** The name of this host. */
  Get_processor_name: (): string => hostname(),
  /** Seconds from some fixed point. */
  Wtime: (): number => performance.now() / 1_000,
  /** Starts the runtime, as the first touch of a communicator does. */
  Init(): void {
    theRuntime();
  },
  Is_initialized: isInitialized,
  Is_finalized: isFinalized,
  /** Ends this rank's part in the job, in good order; the end of the program does it too. */
  Finalize(): void {
    theRuntime().finalize();
  },
};

setWorld(() => MPI.COMM_WORLD);
