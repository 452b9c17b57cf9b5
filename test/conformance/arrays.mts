/** Every kind of buffer: the ten typed arrays, and the two floats of 16 bits that live in Uint16Arrays. */
const CONSTRUCTORS = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

export type NumberArray = InstanceType<(typeof CONSTRUCTORS)[number]>;

const NAMES = [
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "float32",
  "float64",
  "bigint64",
  "biguint64",
] as const;

export type DtypeName = (typeof NAMES)[number] | "float16" | "bfloat16";

export type Message =
  NumberArray | readonly [Uint16Array, "float16" | "bfloat16"];

export interface Kind {
  /** Of the dtype: "int8" … "bfloat16". */
  readonly name: DtypeName;
  /** `length` elements of a value. */
  readonly filled: (length: number, value: number) => NumberArray;
  /** Of elements that come from their index. */
  readonly from: (
    length: number,
    value: (index: number) => number,
  ) => NumberArray;
  /** A message of this kind: the array alone, or with its datatype where the array does not say it. */
  readonly message: (array: NumberArray) => Message;
  /** All integers below are exact. */
  readonly exactBelow: number;
  readonly isFloat: boolean;
  readonly isSigned: boolean;
}

const EXACT_BELOW: Readonly<Partial<Record<DtypeName, number>>> = {
  int8: 2 ** 7,
  uint8: 2 ** 8,
  int16: 2 ** 15,
  uint16: 2 ** 16,
  int32: 2 ** 31,
  uint32: 2 ** 32,
  float32: 2 ** 24,
  float16: 2 ** 11,
  bfloat16: 2 ** 8,
};

function kindOf(
  name: DtypeName,
  make: (values: number[]) => NumberArray,
  message: Kind["message"] = (array) => array,
): Kind {
  const from: Kind["from"] = (length, value) =>
    make(Array.from({ length }, (_, index) => value(index)));
  return {
    name,
    from,
    filled: (length, value) => from(length, () => value),
    message,
    exactBelow: EXACT_BELOW[name] ?? Number.MAX_SAFE_INTEGER,
    isFloat: name.includes("float"),
    isSigned: !name.includes("uint"),
  };
}

/** The ten typed arrays. */
export const PLAIN_KINDS: readonly Kind[] = CONSTRUCTORS.map((Type, index) =>
  kindOf(NAMES[index]!, (values) =>
    Type === BigInt64Array || Type === BigUint64Array
      ? Type.from(values.map(BigInt))
      : (Type as Float64ArrayConstructor).from(values),
  ),
);

export const KINDS: readonly Kind[] = [
  ...PLAIN_KINDS,
  kindOf(
    "float16",
    (values) => Uint16Array.from(values, toFloat16),
    (array) => [array as Uint16Array, "float16"],
  ),
  kindOf(
    "bfloat16",
    (values) => Uint16Array.from(values, toBfloat16),
    (array) => [array as Uint16Array, "bfloat16"],
  ),
];

/** Of a value that float16 has exactly, such as a small integer: sign, 5 bits of exponent, 10 of fraction. */
export function toFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === 0) return sign;
  if (size === Infinity) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const scaled = size / 2 ** exponent;
  const bits =
    scaled < 1
      ? scaled * 1024
      : ((exponent + 15) << 10) | ((scaled - 1) * 1024);
  return sign | bits;
}

/** The upper half of a float32: exact for small integers. */
export function toBfloat16(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16;
}
