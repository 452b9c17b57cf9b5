import type { ByteSink } from "./files/byte-sink";
import type { ByteSource } from "./files/byte-source";
import type { DataRecord } from "./records/record";
import type { RawRecords, RecordPlace } from "./records/raw-records";

/**
 * A kind of file that holds records. Reading has two halves, so that one rank can read what another decodes: `read` finds where
 * records begin and end and looks no further, `decoder` makes a record of its bytes. Nothing ever holds a whole file.
 *
 * @typeParam Schema what decoding needs beside the bytes, found at the beginning of a file (a header, a shape): plain data, which
 * travels to other ranks, and by which files are seen to belong together
 */
export interface Format<Schema = unknown> {
  /** Also the name for `--format` and `--to`. */
  readonly name: string;
  /** With the dot; without `.gz` and `.zst`, which any of them may have behind it. */
  readonly extensions: readonly string[];
  /** One line for help. */
  readonly summary: string;
  schema(source: ByteSource, options: FormatOptions): Promise<Schema>;
  /**
   * All records from `start` on, in order, in pieces of about `PIECE_BYTES`.
   *
   * @throws {DataError} a broken file, with its path, the number of the record and the offset
   */
  read(
    source: ByteSource,
    schema: Schema,
    start?: RecordPlace,
  ): AsyncIterable<RawRecords>;
  /** Where it takes less than reading all: how many records there are, and where every so many-th begins. */
  index?(source: ByteSource, schema: Schema): Promise<FileIndex>;
  /** @returns a function of one record's bytes; what it returns does not refer to them */
  decoder(schema: Schema): (bytes: Uint8Array) => DataRecord;
  readonly writing?: Writing<Schema>;
}

/** How records become a file. */
export interface Writing<Schema = unknown> {
  /** What all records are to be like, from the first of them. @throws {DataError} this format cannot hold them */
  schemaOf(records: readonly DataRecord[], options: FormatOptions): Schema;
  /** @throws {DataError} a record that is not like the first */
  encoder(schema: Schema): (record: DataRecord) => Uint8Array;
  /** Takes the bytes of each record as `encoder` made them, and adds what stands between records. */
  writer(sink: ByteSink, schema: Schema): RecordWriter;
}

export interface RecordWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Writes what closes the file. Publishing the file is the sink's. */
  end(): Promise<void>;
}

/** Where reading may begin: `offsets[i]` is the offset of record i × `every`. */
export interface FileIndex {
  readonly records: number;
  readonly every: number;
  readonly offsets: readonly number[];
}

/** What the user says of files that do not say it themselves. Each format reads those it knows, and says so in its comment. */
export interface FormatOptions {
  /** Protocol Buffers: path of the `.proto`. */
  readonly proto?: string;
  /** Protocol Buffers: name of the message. */
  readonly message?: string;
  /** CSV: the first line holds names; default true. */
  readonly header?: boolean;
  /** CSV: between fields; default a comma. */
  readonly delimiter?: string;
  /** Token files: element type. */
  readonly dtype?: string;
  /** Token files: tokens of a record. */
  readonly window?: number;
}
