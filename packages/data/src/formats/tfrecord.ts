import type { Format } from "../format";
import { frames } from "../framing";
import { exampleColumns } from "../tfrecord/example-columns";
import { exampleDecoder } from "../tfrecord/example-decoder";
import { exampleEncoder } from "../tfrecord/example-encoder";
import { checkFeatures } from "../tfrecord/feature-readers";
import { TfrecordFramer, tfrecordWriter } from "../tfrecord/framing";
import { indexFile } from "../tfrecord/index-file";
import { type ExampleSchema, numbersOf } from "../tfrecord/schema";
import { SummedPieces } from "../tfrecord/summed-pieces";

/**
 * TensorFlow's TFRecord, of tf.train.Example. The checksums of every record are checked when it is read.
 *
 * A record has a field for each feature, and its type is the feature's kind, so that what was read can be written as it was:
 *
 *     float_list     Float32Array
 *     int64_list     BigInt64Array
 *     bytes_list     list of Uint8Array
 *     none of these  null
 *
 * With the option `features` it has what the program works with, and nothing else:
 *
 *     { image: { dtype: "float32", shape: [784] }, label: { dtype: "int32", shape: [] } }   →   { image: Float32Array, label: 7 }
 *
 * Written are also: a text, and a Uint8Array by itself, as a bytes_list of one; other typed arrays of integers, bigints and booleans
 * as an int64_list; a Float64Array, rounded, as a float_list. Numbers and lists of numbers become an int64_list if those of the first
 * records are whole, else a float_list. Features are written in the order of their names, as Python does when it is deterministic.
 *
 * Source: https://www.tensorflow.org/tutorials/load_data/tfrecord
 */
export const tfrecord: Format<ExampleSchema> = {
  name: "tfrecord",
  extensions: [".tfrecord", ".tfrecords"],
  summary: "TensorFlow's TFRecord, of tf.train.Example",
  schema(_source, { features = null }) {
    if (features !== null) checkFeatures(features);
    return Promise.resolve({ features, numbers: {} });
  },
  read: (source, _schema, start) => frames(source, new TfrecordFramer(), start),
  pieceMemory: () => new SummedPieces(),
  index: indexFile,
  decoder: exampleDecoder,
  columns: exampleColumns,
  writing: {
    schemaOf: (records) => ({ features: null, numbers: numbersOf(records) }),
    encoder: exampleEncoder,
    writer: tfrecordWriter,
  },
};
