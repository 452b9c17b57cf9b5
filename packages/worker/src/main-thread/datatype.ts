import {
  BufferTypeError,
  bytesPerElement,
  type Dtype,
  dtypeOf,
  DTYPES,
  memoryDtype,
  type TypedArray,
  KeyvalError,
} from "@tsmpi/protocol";
import { constant, isConstant, otherHandle } from "./handle";

/** What elements of a buffer are: one of MPI's constants, the name of a dtype, or a type code of Python's. */
export type DatatypeArgument = Datatype | Dtype | TypeCode;

interface Layout {
  readonly name: string;
  readonly dtype: Dtype;
  /** Numbers of `dtype` in one element: 2 in pairs (value, index). */
  readonly items: 1 | 2;
  /** The arrays that its elements lie in: those of `dtype`, of bytes of either sign, or all. */
  readonly arrays: "own" | "bytes" | "all";
  readonly isPredefined: boolean;
}

/**
 * An element type of buffers, with the names that C has for it. On DATATYPE_NULL, and on one that was freed, every call raises
 * a BufferTypeError (ERR_TYPE).
 */
export class Datatype {
  #layout: Layout | null;

  /** A null handle; or another handle to `datatype`. */
  constructor(datatype?: Datatype | null) {
    const other = otherHandle(datatype, Datatype);
    this.#layout = other && other.#layout;
  }

  /** @internal */
  static of(layout: Layout): Datatype {
    const datatype = new Datatype();
    datatype.#layout = layout;
    return datatype;
  }

  get isNull(): boolean {
    return this.#layout === null;
  }
  /** Whether both are handles to one datatype, or both null. */
  equals(other: unknown): boolean {
    if (!(other instanceof Datatype)) return false;
    return this.#layout === other.#layout;
  }
  /** Whether it is one of MPI's, and not a copy. */
  get is_predefined(): boolean {
    return this.#layout?.isPredefined ?? true;
  }

  /** Bytes of one element. */
  Get_size(): number {
    const { dtype, items } = this.#read();
    return bytesPerElement(dtype) * items;
  }
  get size(): number {
    return this.Get_size();
  }
  /** Where an element begins, and how many bytes behind it the next one does. */
  Get_extent(): [lowerBound: number, extent: number] {
    return [0, this.Get_size()];
  }
  get extent(): number {
    return this.Get_size();
  }
  /** `"MPI_INT"`, as C has it. */
  Get_name(): string {
    return this.#layout?.name ?? "MPI_DATATYPE_NULL";
  }
  get name(): string {
    return this.Get_name();
  }

  /** What the numbers in it are. */
  get dtype(): Dtype {
    return this.#read().dtype;
  }
  /** How many numbers an element has: 2 in pairs (value, index), else 1. */
  get items(): 1 | 2 {
    return this.#read().items;
  }

  /** @internal Whether the elements of `array` may be of this type; BYTE is the bytes of anything. */
  fits(array: TypedArray): boolean {
    const { arrays, dtype } = this.#read();
    switch (arrays) {
      case "own":
        return dtypeOf(array) === memoryDtype(dtype);
      case "bytes":
        return array.BYTES_PER_ELEMENT === 1;
      case "all":
        return true;
    }
  }

  /** Another datatype, of the same elements, that can be freed. */
  Dup(): Datatype {
    return Datatype.of({ ...this.#read(), isPredefined: false });
  }
  /** Every datatype here is ready to use: this gives it back. */
  Commit(): this {
    this.#read();
    return this;
  }
  /** Makes this handle null. MPI's own datatypes stay: a BufferTypeError. */
  Free(): void {
    if (this.#read().isPredefined)
      throw new BufferTypeError(`${this.name} is predefined and stays`);
    this.#layout = null;
  }
  /** Makes this handle null; constants stay. */
  free(): void {
    if (!isConstant(this)) this.#layout = null;
  }

  /** @throws {KeyvalError} datatypes have no attributes here */
  Get_attr(keyval: number): never {
    throw new KeyvalError(`${keyval} is no attribute key of a datatype`);
  }

  #read(): Layout {
    if (this.#layout) return this.#layout;
    throw new BufferTypeError(
      "the datatype is DATATYPE_NULL or has been freed",
    );
  }
}

/** No datatype at all: what a freed handle is. */
export const DATATYPE_NULL = new Datatype();

const predefined = (
  name: string,
  dtype: Dtype,
  { items = 1, arrays = "own" }: Partial<Pick<Layout, "items" | "arrays">> = {},
): Datatype =>
  constant(
    Datatype.of({
      name: `MPI_${name}`,
      dtype,
      items,
      arrays,
      isPredefined: true,
    }),
  );

const C_TYPES = {
  BYTE: predefined("BYTE", "uint8", { arrays: "all" }),
  CHAR: predefined("CHAR", "uint8", { arrays: "bytes" }),
  SIGNED_CHAR: predefined("SIGNED_CHAR", "int8"),
  UNSIGNED_CHAR: predefined("UNSIGNED_CHAR", "uint8"),
  SHORT: predefined("SHORT", "int16"),
  UNSIGNED_SHORT: predefined("UNSIGNED_SHORT", "uint16"),
  INT: predefined("INT", "int32"),
  UNSIGNED: predefined("UNSIGNED", "uint32"),
  LONG: predefined("LONG", "bigint64"),
  UNSIGNED_LONG: predefined("UNSIGNED_LONG", "biguint64"),
  LONG_LONG: predefined("LONG_LONG", "bigint64"),
  UNSIGNED_LONG_LONG: predefined("UNSIGNED_LONG_LONG", "biguint64"),
  FLOAT: predefined("FLOAT", "float32"),
  DOUBLE: predefined("DOUBLE", "float64"),
  C_BOOL: predefined("C_BOOL", "uint8", { arrays: "bytes" }),
  INT8_T: predefined("INT8_T", "int8"),
  INT16_T: predefined("INT16_T", "int16"),
  INT32_T: predefined("INT32_T", "int32"),
  INT64_T: predefined("INT64_T", "bigint64"),
  UINT8_T: predefined("UINT8_T", "uint8"),
  UINT16_T: predefined("UINT16_T", "uint16"),
  UINT32_T: predefined("UINT32_T", "uint32"),
  UINT64_T: predefined("UINT64_T", "biguint64"),
  FLOAT16_T: predefined("FLOAT16_T", "float16"),
  BFLOAT16_T: predefined("BFLOAT16_T", "bfloat16"),
  AINT: predefined("AINT", "bigint64"),
  OFFSET: predefined("OFFSET", "bigint64"),
  COUNT: predefined("COUNT", "bigint64"),
  /** Pairs for MINLOC and MAXLOC. Pairs of other types are two elements, one behind the other. */
  INT_INT: predefined("2INT", "int32", { items: 2 }),
} as const;

const FORTRAN_TYPES = {
  CHARACTER: predefined("CHARACTER", "uint8", { arrays: "bytes" }),
  LOGICAL: predefined("LOGICAL", "int32"),
  INTEGER: predefined("INTEGER", "int32"),
  REAL: predefined("REAL", "float32"),
  DOUBLE_PRECISION: predefined("DOUBLE_PRECISION", "float64"),
  INTEGER1: predefined("INTEGER1", "int8"),
  INTEGER2: predefined("INTEGER2", "int16"),
  INTEGER4: predefined("INTEGER4", "int32"),
  INTEGER8: predefined("INTEGER8", "bigint64"),
  REAL2: predefined("REAL2", "float16"),
  REAL4: predefined("REAL4", "float32"),
  REAL8: predefined("REAL8", "float64"),
} as const;

/** All of MPI's datatypes whose elements a typed array can hold, by the names that mpi4py has for them. */
export const DATATYPES = {
  ...C_TYPES,
  ...FORTRAN_TYPES,
  UNSIGNED_INT: C_TYPES.UNSIGNED,
  SIGNED_SHORT: C_TYPES.SHORT,
  SIGNED_INT: C_TYPES.INT,
  SIGNED_LONG: C_TYPES.LONG,
  SIGNED_LONG_LONG: C_TYPES.LONG_LONG,
  SINT8_T: C_TYPES.INT8_T,
  SINT16_T: C_TYPES.INT16_T,
  SINT32_T: C_TYPES.INT32_T,
  SINT64_T: C_TYPES.INT64_T,
  FLOAT16: C_TYPES.FLOAT16_T,
  FLOAT32_T: C_TYPES.FLOAT,
  FLOAT64_T: C_TYPES.DOUBLE,
  BFLOAT16: C_TYPES.BFLOAT16_T,
  BOOL: C_TYPES.C_BOOL,
  TWOINT: C_TYPES.INT_INT,
} as const;

/** The datatype that an array's elements have if nobody says another, as mpi4py finds it: C's name, if C has one. */
const BY_DTYPE: Readonly<Record<Dtype, Datatype>> = {
  int8: C_TYPES.SIGNED_CHAR,
  uint8: C_TYPES.UNSIGNED_CHAR,
  int16: C_TYPES.SHORT,
  uint16: C_TYPES.UNSIGNED_SHORT,
  int32: C_TYPES.INT,
  uint32: C_TYPES.UNSIGNED,
  float32: C_TYPES.FLOAT,
  float64: C_TYPES.DOUBLE,
  bigint64: C_TYPES.LONG,
  biguint64: C_TYPES.UNSIGNED_LONG,
  float16: C_TYPES.FLOAT16_T,
  bfloat16: C_TYPES.BFLOAT16_T,
};

/** Those of Python's arrays, which mpi4py takes, too. */
const BY_CODE = {
  "?": C_TYPES.C_BOOL,
  b: C_TYPES.SIGNED_CHAR,
  B: C_TYPES.UNSIGNED_CHAR,
  h: C_TYPES.SHORT,
  H: C_TYPES.UNSIGNED_SHORT,
  i: C_TYPES.INT,
  I: C_TYPES.UNSIGNED,
  l: C_TYPES.LONG,
  L: C_TYPES.UNSIGNED_LONG,
  q: C_TYPES.LONG_LONG,
  Q: C_TYPES.UNSIGNED_LONG_LONG,
  e: C_TYPES.FLOAT16_T,
  f: C_TYPES.FLOAT,
  d: C_TYPES.DOUBLE,
} as const;
type TypeCode = keyof typeof BY_CODE;

const BY_NAME: ReadonlyMap<unknown, Datatype> = new Map(
  Object.entries({ ...BY_DTYPE, ...BY_CODE }),
);

/** `"float32"` → FLOAT. */
export const datatypeNamed = (dtype: Dtype): Datatype => BY_DTYPE[dtype];

/** `Float32Array` → FLOAT. */
export const datatypeOf = (array: TypedArray): Datatype =>
  BY_DTYPE[dtypeOf(array)!];

/**
 * @throws {BufferTypeError} neither a datatype nor a name of one; DATATYPE_NULL
 */
export function readDatatype(argument: unknown): Datatype {
  if (argument instanceof Datatype) return argument.Commit();
  const named = BY_NAME.get(argument);
  if (named) return named;
  throw new BufferTypeError(
    `a datatype must be MPI.FLOAT, MPI.INT … or one of ${DTYPES.join(", ")}, not ${typeof argument === "string" ? `"${argument}"` : typeof argument}`,
  );
}
