export { Account, type EpochAccount } from "./accounting/epoch-account";
export { type EpochSummary, joinAccounts } from "./accounting/join-accounts";
export {
  type Catalogue,
  type CatalogueOptions,
  filesOfDataset,
  formatIn,
  openCatalogue,
} from "./catalogue/catalogue";
export { isEmptyFile } from "./catalogue/has-record";
export {
  countIn,
  indexFile,
  quickIndex,
  quickIndexes,
  totalRecords,
} from "./catalogue/index-file";
export { countAll } from "./epoch/count-all";
export { isEpochOver } from "./epoch/is-epoch-over";
export { DATASET_OPTIONS } from "./dataset-options";
export { type Part, readPart } from "./epoch/read-part";
export { readSplit } from "./epoch/read-split";
export { type Split, SPLIT_RECORDS, splitsOf } from "./epoch/splits";
export { type ByteSink, openSink } from "./files/byte-sink";
export { type RecordFile, recordFiles } from "./files/record-file";
export {
  beginReplacement,
  endReplacement,
  replacementsIn,
  removeAbandoned,
  stagingPrefix,
} from "./files/replacement";
export { type ByteSource, openSource, PIECE_BYTES } from "./files/byte-source";
export {
  type ColumnType,
  type FileIndex,
  type Format,
  type FormatOptions,
} from "./format";
export {
  type EpochFeed,
  type EpochPlan,
  type Feed,
  type FileRecords,
  fileOf,
  type Leaving,
  recordOf,
} from "./feed";
export { type FeatureDtype, type FeatureSpecs } from "./feature-spec";
export { localFeed } from "./local-feed";
export {
  type OptionName,
  type OptionWords,
  sayOptionsAs,
} from "./option-words";
export { QUALITY_OPTIONS } from "./quality/quality-options";
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
  type Key,
  rangeBounds,
  rangeRouter,
  type Router,
  stratifiedRouter,
  weightedRouter,
} from "./partition/routers";
export { permutation } from "./permutation";
export type { Batch, Column } from "./records/collate";
export { Dataset } from "./pipeline/dataset";
export {
  nextEpoch,
  type Position,
  Source,
  type SourceOptions,
} from "./pipeline/source";
export {
  describeReport,
  joinReports,
  type QualityReport,
  reportAcross,
} from "./quality/defects";
export {
  ON_BAD_RECORD,
  type OnBadRecord,
  QualityGuard,
  type QualityOptions,
} from "./quality/guard";
export { keptDecoder } from "./quality/decode-kept";
export { MOST_SAMPLED_KEYS, thinned } from "./quality/key-sample";
export { type RandomStream, randomStream } from "./random-stream";
export { recordDecoder } from "./records/decode";
export type { DataRecord, FieldValue } from "./records/record";
export {
  BEGINNING,
  type RecordPlace,
  sliceRecords,
} from "./records/raw-records";
export {
  countRecords,
  runOf,
  runsOfRecords,
  setOfRuns,
  uniteRecords,
} from "./records/record-set";
export { SeenRecords } from "./records/seen-records";
export { type FormatName, formatOf, FORMATS, namesOfFiles } from "./registry";
export type { Dealer, Dealt } from "./dealing/deal";
export {
  checkPartition,
  dealtTo,
  openDealer,
  type Partition,
  PARTITION_NAMES,
  type PartitionName,
  unevenBy,
} from "./dealing/deals";
export { cutShares, type DealEpoch, padShares } from "./dealing/equal-shares";
export { ReadMemory } from "./files/read-memory";
export {
  DEALT_PIECE_BYTES,
  newMemory,
  PieceWriter,
  readPiece,
} from "./dealing/piece";
export { shareOf, unseenOf } from "./dealing/share";
export { SAMPLE_RECORDS, writeRecords } from "./write-records";
