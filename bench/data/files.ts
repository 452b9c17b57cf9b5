import { FORMATS, type DataRecord, openSink } from "@tsmpi/data";

/** What is read, ours and TensorFlow's alike. */
export interface Examples {
  readonly name: string;
  readonly count: number;
  readonly record: (i: number) => DataRecord;
}

const images = Array.from({ length: 256 }, () =>
  Float32Array.from({ length: 784 }, Math.random),
);

export const FILES: readonly Examples[] = [
  {
    name: "small",
    count: 500_000,
    record: (i) => ({
      id: BigInt64Array.of(BigInt(i)),
      x: Float32Array.of(i / 2, 1, 2, 3),
      name: `row ${i}`,
    }),
  },
  {
    name: "images",
    count: 100_000,
    record: (i) => ({
      image: images[i % images.length]!,
      label: BigInt64Array.of(BigInt(i % 10)),
    }),
  },
];

/** Writes `small.tfrecord` and `images.tfrecord` into a folder. */
export async function writeFiles(folder: string): Promise<void> {
  const format = FORMATS.get("tfrecord")!;
  const writing = format.writing!;
  for (const { name, count, record } of FILES) {
    const sink = openSink(`${folder}/${name}.tfrecord`);
    const schema = await writing.schemaOf([record(0)], {});
    const encode = await writing.encoder(schema);
    const writer = writing.writer(sink, schema);
    for (let i = 0; i < count; i++) await writer.write(encode(record(i)));
    await writer.end();
    await sink.publish();
  }
}
