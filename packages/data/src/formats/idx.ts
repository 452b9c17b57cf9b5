import type { Format } from "../format";
import { rowReader, rowBytesOf } from "../numpy/element";
import { indexRows, readRows } from "../framers/rows";
import { type IdxSchema, labelsNamesOf, openPair, readPair } from "../idx/pair";
import { headerOf } from "../idx/header";

/**
 * IDX, the format of MNIST: arrays of bytes, integers or floats of any rank, a row of the first axis a record. Images come with
 * the labels that lie beside them: of `train-images-idx3-ubyte.gz` those in `train-labels-idx1-ubyte.gz`, packed or not, as
 * `{ image, label }`; the option `labels` names another file, or is `false`. Any other file has records `{ data }`. Rows are typed
 * arrays (their shape is the schema's); of one axis they are numbers.
 *
 * Source: http://yann.lecun.com/exdb/mnist
 */
export const idx: Format<IdxSchema> = {
  name: "idx",
  extensions: ["-ubyte", ".idx"],
  paths: { pattern: /[-.]idx\d+(-[a-z]+)?$/, example: "images-idx3-float" },
  companions: labelsNamesOf,
  // Of a pair there are two places.
  hasOffsets: false,
  summary: "IDX: arrays, such as MNIST's images with their labels",
  schema: openPair,
  async *read(source, { labels }, place) {
    const { layout } = await headerOf(source);
    if (labels === null) yield* readRows(source, layout, place);
    else yield* readPair(source, layout, labels, place);
  },
  async index(source) {
    return indexRows(source, (await headerOf(source)).layout);
  },
  decoder({ rows, labels }) {
    const read = rowReader(rows);
    if (labels === null) return (bytes) => ({ data: read(bytes, 0) });
    const [readLabel, labelAt] = [rowReader(labels.rows), rowBytesOf(rows)];
    return (bytes) => ({
      image: read(bytes, 0),
      label: readLabel(bytes, labelAt),
    });
  },
};
