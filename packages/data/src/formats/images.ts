import { ArgumentError, DataError } from "@tsmpi/protocol";
import { PIECE_BYTES } from "../files/byte-source";
import type { Format } from "../format";
import { imageFolder } from "../images/image-folder";
import { readImage, unframed } from "../images/framed-image";
import { pixelDecoder } from "../images/pixels";
import { BEGINNING, type RawRecords } from "../records/raw-records";

interface ImagesSchema {
  readonly classes: readonly string[];
  /** Of every image; null: each its own. */
  readonly channels: number | null;
}

/** Files that are read at once, and the least of which it is known where to begin. */
const GROUP = 16;

/**
 * A folder with a folder of PNGs and JPEGs for each class, `cat/1.png`, `dog/2.jpg`: records `{ image, height, width, channels,
 * label, class, path }`, where `image` is a Uint8Array of height × width × channels and `label` the place of the class among all,
 * sorted. Raw bytes are those of the file, behind its path; an image that cannot be read is
 * a record that cannot be decoded. Option: `channels`, to which all are converted.
 */
export const images: Format<ImagesSchema> = {
  name: "images",
  extensions: ["/"],
  summary: "a folder of images (PNG, JPEG), in a folder for each class",
  hasOffsets: false,
  async schema({ path }, { channels = null }) {
    if (channels !== null && ![1, 2, 3, 4].includes(channels))
      throw new ArgumentError(
        `channels is ${channels}; images have 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA)`,
      );
    return { classes: (await imageFolder(path)).classes, channels };
  },
  async *read({ path: folder }, _schema, { record } = BEGINNING) {
    const { paths } = await imageFolder(folder);
    for (let at = record; at < paths.length;) {
      const first = at;
      const files: Uint8Array[] = [];
      let length = 0;
      while (at < paths.length && length < PIECE_BYTES) {
        const group = paths.slice(at, at + GROUP);
        const framed = await Promise.all(
          group.map((path) => readImage(folder, path)),
        );
        files.push(...framed);
        length += framed.reduce((sum, bytes) => sum + bytes.length, 0);
        at += group.length;
      }
      yield recordsOf(files, first);
    }
  },
  async index({ path }) {
    const { paths } = await imageFolder(path);
    const places = Array.from(
      { length: Math.ceil(paths.length / GROUP) },
      (_, i) => ({ record: i * GROUP, offset: i * GROUP }),
    );
    return { records: paths.length, places };
  },
  async decoder({ classes, channels }) {
    const decode = await pixelDecoder(channels);
    const labels = new Map(classes.map((name, label) => [name, label]));
    return (bytes) => {
      const { path, content, failure } = unframed(bytes);
      const name = path.slice(0, path.indexOf("/"));
      const label = labels.get(name);
      if (label === undefined)
        throw new DataError(
          `${path} is of a class that was not there when the dataset was opened`,
        );
      if (failure !== null)
        throw new DataError(`${path} cannot be read: ${failure}`);
      try {
        return { ...decode(content), label, class: name, path };
      } catch (cause) {
        throw new DataError(
          `${path} cannot be decoded: ${(cause as Error).message}`,
          { cause },
        );
      }
    };
  },
};

function recordsOf(files: readonly Uint8Array[], first: number): RawRecords {
  const ends = new Uint32Array(files.length);
  let end = 0;
  files.forEach(({ length }, i) => (ends[i] = end += length));
  return {
    bytes: Buffer.concat(files),
    ...{ starts: ends.map((at, i) => at - files[i]!.length), ends },
    ...{ first, offset: first },
  };
}
