import { ArgumentError, DataError } from "@tsmpi/protocol";
import type { ByteSource } from "../files/byte-source";
import type { Format } from "../format";
import type { DataRecord } from "../records/record";
import { indexRows, readRows, type Rows } from "../framers/rows";
import { optionInWords } from "../option-words";

const PIXELS = 32 * 32;
const CHANNELS = 3;
const IMAGE_BYTES = CHANNELS * PIXELS;

/** Bytes in front of an image: of CIFAR-10 its class, of CIFAR-100 its superclass and its class. */
const LABELS = { 10: 1, 100: 2 } as const;
type Classes = keyof typeof LABELS;

/**
 * CIFAR-10 and CIFAR-100, binary: `{ image, label }`, with 100 classes also `superclass`. `image` is [32, 32, 3], channels last, as
 * TensorFlow.js wants it (in the file they come one after the other). Which of the two it is, a file's name tells, or that of its
 * folder, or its length, or the option `classes`.
 *
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html
 */
export const cifar: Format<{ readonly classes: Classes }> = {
  name: "cifar",
  extensions: [],
  paths: {
    pattern:
      /(^|[/\\])(data_batch_\d+|test_batch)\.bin$|cifar-?100[^/\\]*[/\\](train|test)\.bin$/i,
    example: "data_batch_1.bin cifar-100-binary/train.bin",
  },
  summary: "CIFAR-10 and CIFAR-100, binary",
  schema: (source, { classes }) =>
    Promise.resolve({ classes: classesOf(source, classes) }),
  read: (source, schema, place) =>
    readRows(source, { ...layoutOf(schema.classes), rows: Infinity }, place),
  async index(source, { classes }) {
    const layout = layoutOf(classes);
    const rows = Math.ceil(source.bytes / layout.rowBytes);
    return indexRows(source, { ...layout, rows });
  },
  decoder({ classes }) {
    const labels = LABELS[classes];
    return (bytes) => {
      const label = bytes[labels - 1]!;
      if (label >= classes)
        throw new DataError(
          `its class is ${label}, and there are classes 0 to ${classes - 1}; is this CIFAR-${classes}?`,
        );
      const image = channelsLast(bytes, labels);
      const record: DataRecord = { image, label };
      return classes === 10 ? record : { ...record, superclass: bytes[0]! };
    };
  },
};

const layoutOf = (classes: Classes): Omit<Rows, "rows"> => ({
  headerBytes: 0,
  rowBytes: LABELS[classes] + IMAGE_BYTES,
});

function channelsLast(bytes: Uint8Array, start: number): Uint8Array {
  const image = new Uint8Array(IMAGE_BYTES);
  for (let channel = 0; channel < CHANNELS; channel++) {
    const plane = start + channel * PIXELS;
    for (let pixel = 0; pixel < PIXELS; pixel++)
      image[pixel * CHANNELS + channel] = bytes[plane + pixel]!;
  }
  return image;
}

function classesOf(
  { path, bytes, isSeekable }: ByteSource,
  classes: number | undefined,
): Classes {
  if (classes === 10 || classes === 100) return classes;
  if (classes !== undefined)
    throw new ArgumentError(`classes is ${classes}; CIFAR has 10, or 100`);
  if (/(data_batch_\d+|test_batch)\.bin/i.test(path)) return 10;
  if (/cifar-?100\b/i.test(path)) return 100;
  const fitting = ([10, 100] as const).filter(
    (count) => isSeekable && bytes % layoutOf(count).rowBytes === 0,
  );
  if (fitting.length === 1) return fitting[0]!;
  throw new DataError(
    `${path}: neither its name nor its length tells whether it is CIFAR-10 or CIFAR-100; say so with ${optionInWords("classes", 10)} or ${optionInWords("classes", 100)}`,
  );
}
