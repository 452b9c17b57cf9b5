export { Account, type EpochAccount } from "./accounting/epoch-account";
export { type EpochSummary, joinAccounts } from "./accounting/join-accounts";
export {
  type Catalogue,
  type CatalogueFile,
  type CatalogueOptions,
  filesOfDataset,
  formatIn,
  openCatalogue,
} from "./catalogue/catalogue";
export { indexFile, quickIndex } from "./catalogue/index-file";
export { isEpochOver } from "./epoch/is-epoch-over";
export { readSplit } from "./epoch/read-split";
export { type Split, splitsOf } from "./epoch/splits";
export { type ByteSink, openSink } from "./files/byte-sink";
export { type ByteSource, openSource, PIECE_BYTES } from "./files/byte-source";
export {
  type Awaitable,
  type ColumnType,
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
  fileOf,
  recordId,
  recordOf,
  type RecordSet,
} from "./feed";
export {
  type FeatureDtype,
  type FeatureSpec,
  type FeatureSpecs,
} from "./feature-spec";
export { localFeed } from "./local-feed";
export { openLocalDataset } from "./open-local-dataset";
export { bigBatches } from "./partition/big-batches";
export {
  blockPartition,
  type BlockPartitionOptions,
  type Remainder,
  REMAINDERS,
  scattervLayout,
} from "./partition/block-partition";
export { packColumns } from "./partition/pack-columns";
export {
  packRows,
  routedPartition,
  type RowPartition,
} from "./partition/routed-partition";
export {
  cyclicRouter,
  hashRouter,
  rangeBounds,
  rangeRouter,
  type Router,
  stratifiedRouter,
  weightedRouter,
} from "./partition/routers";
export { permutation } from "./permutation";
export type { Batch, Column } from "./pipeline/collate";
export { Dataset } from "./pipeline/dataset";
export {
  nextEpoch,
  type Position,
  Source,
  type SourceOptions,
} from "./pipeline/source";
export {
  type Defect,
  type DefectCounts,
  DEFECTS,
  describeReport,
  joinReports,
  type QualityReport,
} from "./quality/defects";
export {
  ON_BAD_RECORD,
  type OnBadRecord,
  QualityGuard,
  type QualityOptions,
} from "./quality/guard";
export { type RandomStream, randomStream } from "./random-stream";
export { type DecodeRecord, recordDecoder } from "./records/decode";
export type { DataRecord, FieldValue } from "./records/record";
export {
  BEGINNING,
  type RawRecords,
  type RecordPlace,
  sliceRecords,
} from "./records/raw-records";
export { recordError } from "./records/record-error";
export {
  commonRecords,
  countRecords,
  gapsIn,
  hasRecords,
  NO_RECORDS,
  runOf,
  setOfRuns,
  subtractRecords,
  uniteRecords,
} from "./records/record-set";
export { SeenRecords } from "./records/seen-records";
export { type FormatName, formatOf, FORMATS } from "./registry";
export { type Dealt, EqualDeal } from "./dealing/deal";
export { newMemory, PieceWriter, readPiece } from "./dealing/piece";
export { type Part, shareOf } from "./dealing/share";
export { writeRecords } from "./write-records";
