export { bigBatches } from "./big-batches";
export { type ByteSink, openSink } from "./files/byte-sink";
export { type ByteSource, openSource, PIECE_BYTES } from "./files/byte-source";
export {
  type FileIndex,
  type Format,
  type FormatOptions,
  type RecordWriter,
  type Writing,
} from "./format";
export {
  type EpochFeed,
  type EpochPlan,
  type Feed,
  type FileRecords,
} from "./feed";
export { blockPartition } from "./partition";
export { permutation } from "./permutation";
export type { DataRecord, FieldValue } from "./records/record";
export {
  BEGINNING,
  type RawRecords,
  type RecordPlace,
} from "./records/raw-records";
export { formatOf, FORMATS } from "./registry";
