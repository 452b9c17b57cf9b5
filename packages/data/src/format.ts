import type { ByteSink } from "./files/byte-sink";
import type { ByteSource } from "./files/byte-source";
import type { PieceMemory } from "./files/read-memory";
import type { FeatureSpecs } from "./feature-spec";
import type { ColumnMemory } from "./records/column-memory";
import type { ColumnRows } from "./records/columns";
import type { DataRecord } from "./records/record";
import type { RawRecords, RecordPlace } from "./records/raw-records";

/** Now or later: callers `await` it. */
export type Awaitable<T> = T | Promise<T>;

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
  /** Ends of names, mostly with the dot; without `.gz` and `.zst`, which any of them may have behind it. */
  readonly extensions: readonly string[];
  /** Of files that an extension does not tell from others; asked before any extension. */
  readonly paths?: { readonly pattern: RegExp; readonly example: string };
  /**
   * Files that are read along with this one where they are there (labels beside images): they are no files of the dataset by
   * themselves.
   */
  companions?(path: string): readonly string[];
  /** One line for help. */
  readonly summary: string;
  schema(source: ByteSource, options: FormatOptions): Promise<Schema>;
  /**
   * All records from `start` on, in order, in pieces of about `PIECE_BYTES`. One whose bytes are damaged, and whose end is not, is
   * among them as such.
   * Where the source lends its memory (`ByteSource.lend`) a piece is the reader's until it asks for the next one.
   *
   * @throws {DataError} a broken file, with its path, the number of the record and the offset
   */
  read(
    source: ByteSource,
    schema: Schema,
    start?: RecordPlace,
  ): AsyncIterable<RawRecords>;
  /** Where pieces of files are best read into, for `read` and what follows, of one thread. */
  pieceMemory?(): PieceMemory;
  /** Where it takes less than reading all: how many records there are, and places where reading may begin. */
  index?(source: ByteSource, schema: Schema): Promise<FileIndex>;
  /** True: some damage is seen only by who reads all of a file, from its beginning to its end. */
  readonly isCheckedAsWhole?: true;
  /** False: records are not bytes of the file as they lie there (rows of columns, files of a folder); no offset tells where they are. */
  readonly hasOffsets?: false;
  /**
   * A promise where it loads a library first. The function throws what is wrong with a record's bytes, and not where they are:
   * `recordDecoder` adds that.
   *
   * @returns a function of one record's bytes; what it returns does not refer to them
   */
  decoder(schema: Schema): Awaitable<(bytes: Uint8Array) => DataRecord>;
  /**
   * The same for batches of so many records at most, where that is faster.
   *
   * @returns null: records of this schema have no columns that are known beforehand
   */
  columns?(
    schema: Schema,
    mostRows: number,
    memory: ColumnMemory,
  ): ColumnRows | null;
  readonly writing?: Writing<Schema>;
}

/** How records become a file. */
export interface Writing<Schema = unknown> {
  /** Fields hold what people write: numbers, booleans, texts. Who converts makes such of arrays of one, bigints and bytes. */
  readonly isPlain?: true;
  /** What all records are to be like, from the first of them. @throws {DataError} this format cannot hold them */
  schemaOf(
    records: readonly DataRecord[],
    options: FormatOptions,
  ): Awaitable<Schema>;
  /** The function throws a `DataError` for a record that is not like the first. */
  encoder(schema: Schema): Awaitable<(record: DataRecord) => Uint8Array>;
  /** Takes the bytes of each record as `encoder` made them, and adds what stands between records. */
  writer(sink: ByteSink, schema: Schema): RecordWriter;
}

export interface RecordWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Writes what closes the file. Publishing the file is the sink's. */
  end(): Promise<void>;
  /** Instead of `end`: gives up what it holds beside the sink. */
  discard?(): Promise<void>;
}

/** What is where in a file. */
export interface FileIndex {
  readonly records: number;
  /** Where reading may begin: in ascending order, the beginning first, `PIECE_BYTES` apart or less; parts of files begin and end here. */
  readonly places: readonly RecordPlace[];
}

export type ColumnType = "number" | "boolean" | "text";

/** What the user says of files that do not say it themselves. Each format reads those it knows, and says so in its comment. */
export interface FormatOptions {
  /** Protocol Buffers: path of the `.proto`. */
  readonly proto?: string;
  /** Protocol Buffers: name of the message. */
  readonly message?: string;
  /** TFRecord: what is read of each example; without it, all that it holds. */
  readonly features?: FeatureSpecs;
  /** npz: names of the arrays that are read; default all. */
  readonly arrays?: readonly string[];
  /** IDX: the file with the labels, if its name does not tell it; `false`: images without labels. */
  readonly labels?: string | false;
  /** CIFAR: 10 or 100, if its name does not tell it. */
  readonly classes?: 10 | 100;
  /** CSV: the first line holds names; default true. */
  readonly header?: boolean;
  /** CSV: between fields; default a comma, or a tab in files named `.tsv`. */
  readonly delimiter?: string;
  /** CSV: types of columns by name; those not named are found out from the first records. */
  readonly columns?: Readonly<Record<string, ColumnType>>;
  /** Token files: `uint16` (default), `uint32` or `int32`. */
  readonly dtype?: string;
  /** Token files: tokens of a record; default 1024. */
  readonly window?: number;
  /** Images: 1 (grey), 2, 3 (RGB) or 4 (RGBA), to which all are converted; default: what each has. */
  readonly channels?: number;
}
