/**
 * MPI's error classes: number and text of each. The numbers are those of MPI's ABI (mpi.h of MPI 5.0); classes that it does not
 * have, of fault tolerance and of ours, begin at 8001. Numbers never change. All are below ERR_LASTCODE: what programs add comes
 * behind it (error-codes.ts).
 */
const TABLE = {
  SUCCESS: [0, "no error"],
  ERR_BUFFER: [1, "invalid buffer"],
  ERR_COUNT: [2, "invalid count"],
  ERR_TYPE: [3, "invalid datatype"],
  ERR_TAG: [4, "invalid tag"],
  ERR_COMM: [5, "invalid communicator"],
  ERR_RANK: [6, "invalid rank"],
  ERR_REQUEST: [7, "invalid request"],
  ERR_ROOT: [8, "invalid root"],
  ERR_GROUP: [9, "invalid group"],
  ERR_OP: [10, "invalid reduce operation"],
  ERR_TOPOLOGY: [11, "invalid topology"],
  ERR_DIMS: [12, "invalid dimensions"],
  ERR_ARG: [13, "invalid argument of some other kind"],
  ERR_UNKNOWN: [14, "unknown error"],
  ERR_TRUNCATE: [15, "message truncated on receive"],
  ERR_OTHER: [16, "known error that has no class of its own"],
  ERR_INTERN: [17, "internal error"],
  ERR_PENDING: [18, "request still pending"],
  ERR_IN_STATUS: [19, "errors are in the statuses"],
  ERR_ACCESS: [20, "permission denied"],
  ERR_AMODE: [21, "invalid access mode"],
  ERR_ASSERT: [22, "invalid assertion"],
  ERR_BAD_FILE: [23, "invalid file name"],
  ERR_BASE: [24, "invalid base address"],
  ERR_CONVERSION: [25, "conversion of data failed"],
  ERR_DISP: [26, "invalid displacement"],
  ERR_DUP_DATAREP: [27, "data representation defined already"],
  ERR_FILE_EXISTS: [28, "file exists"],
  ERR_FILE_IN_USE: [29, "file in use"],
  ERR_FILE: [30, "invalid file"],
  ERR_INFO_KEY: [31, "invalid info key"],
  ERR_INFO_NOKEY: [32, "no such info key"],
  ERR_INFO_VALUE: [33, "invalid info value"],
  ERR_INFO: [34, "invalid info"],
  ERR_IO: [35, "input or output failed"],
  ERR_KEYVAL: [36, "invalid attribute key"],
  ERR_LOCKTYPE: [37, "invalid lock type"],
  ERR_NAME: [38, "service name not published"],
  ERR_NO_MEM: [39, "out of memory"],
  ERR_NOT_SAME: [40, "arguments differ between ranks"],
  ERR_NO_SPACE: [41, "no space left"],
  ERR_NO_SUCH_FILE: [42, "no such file"],
  ERR_PORT: [43, "invalid port name"],
  ERR_QUOTA: [44, "quota exceeded"],
  ERR_READ_ONLY: [45, "read-only file or file system"],
  ERR_RMA_ATTACH: [46, "memory cannot be attached"],
  ERR_RMA_CONFLICT: [47, "conflicting accesses to a window"],
  ERR_RMA_RANGE: [48, "target outside the window"],
  ERR_RMA_SHARED: [49, "memory cannot be shared"],
  ERR_RMA_SYNC: [50, "wrong synchronization of accesses to a window"],
  ERR_SERVICE: [51, "invalid service name"],
  ERR_SIZE: [52, "invalid size"],
  ERR_SPAWN: [53, "processes cannot be spawned"],
  ERR_UNSUPPORTED_DATAREP: [54, "unsupported data representation"],
  ERR_UNSUPPORTED_OPERATION: [55, "unsupported operation"],
  ERR_WIN: [56, "invalid window"],
  ERR_RMA_FLAVOR: [57, "wrong flavor of window"],
  ERR_PROC_ABORTED: [58, "a peer aborted"],
  ERR_VALUE_TOO_LARGE: [59, "value too large to store"],
  ERR_SESSION: [60, "invalid session"],
  ERR_ERRHANDLER: [61, "invalid error handler"],
  ERR_ABI: [62, "wrong binary interface"],

  ERR_PROC_FAILED: [8001, "a peer failed"],
  ERR_PROC_FAILED_PENDING: [8002, "a possible sender failed; still pending"],
  ERR_REVOKED: [8003, "communicator revoked"],

  ERR_SERIALIZE: [8101, "value cannot be sent"],
  ERR_TIMEOUT: [8102, "deadline passed"],
  ERR_MISMATCH: [8103, "ranks disagree on a call"],
  ERR_RENDEZVOUS: [8104, "ranks did not find each other"],
  ERR_VERSION: [8105, "versions differ between ranks"],
  ERR_ENVIRONMENT: [8106, "invalid environment variable"],
  ERR_UNKNOWN_NAME: [8107, "unknown name"],
  ERR_ENGINE: [8108, "engine not available"],
  ERR_SETUP: [8109, "native engine cannot be set up"],
  ERR_LAYOUT: [8110, "models differ between ranks"],
  ERR_CHECKPOINT: [8111, "checkpoint cannot be written or read"],
  ERR_NON_FINITE: [8112, "gradient is not finite"],
  ERR_LEAK: [8113, "tensors left behind"],
  ERR_FINALIZED: [8114, "call after the end"],
  ERR_HOST: [8115, "a host cannot be used"],
  ERR_DATA: [8116, "a file of a dataset cannot be read or written"],
  ERR_TASK: [8120, "task of a pool failed"],
  ERR_POOL: [8121, "pool is broken"],
  ERR_CANCELLED: [8122, "task of a pool was cancelled"],

  ERR_LASTCODE: [16_383, "last of the predefined codes"],
} as const satisfies Readonly<
  Record<string, readonly [number: number, text: string]>
>;

/** `"ERR_RANK"` …, and `"SUCCESS"`. */
export type ErrorClassName = keyof typeof TABLE;

type Numbers = {
  readonly [Name in ErrorClassName]: (typeof TABLE)[Name][0];
};

/** `SUCCESS`, `ERR_BUFFER` … `ERR_LASTCODE`: the number of each class, by name. */
export const ERROR_NUMBERS = Object.fromEntries(
  Object.entries(TABLE).map(([name, [number]]) => [name, number]),
) as Numbers;

const NAMES = new Map<number, ErrorClassName>(
  (Object.keys(TABLE) as ErrorClassName[]).map((name) => [
    TABLE[name][0],
    name,
  ]),
);

/** The name of a predefined class, null for any other number. */
export const errorClassName = (number: number): ErrorClassName | null =>
  NAMES.get(number) ?? null;

/** What the class means, for people: `ERR_RANK: invalid rank`. */
export const errorClassText = (name: ErrorClassName): string =>
  `${name}: ${TABLE[name][1]}`;

/** The number of a class that is given by its name, such as an error's `code`; ERR_OTHER's if it has none. */
export const errorNumber = (name: string): number =>
  Object.hasOwn(ERROR_NUMBERS, name)
    ? ERROR_NUMBERS[name as ErrorClassName]
    : ERROR_NUMBERS.ERR_OTHER;
