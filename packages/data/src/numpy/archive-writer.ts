import { Readable } from "node:stream";
import type { ByteSink } from "../files/byte-sink";
import { Spill } from "../files/spill";
import type { RecordWriter } from "../format";
import { type Rowed, rowBytesOf } from "./element";
import { makeHeader } from "./header";

/** The earliest that zip knows: the same records make the same file. */
const NO_TIME = new Date(1980, 0, 1);

export interface NamedRows {
  readonly name: string;
  readonly rows: Rowed;
}

/** Takes a row of each array, one behind the other. They wait beside the file, and are stored in it array by array, as numpy.savez does. */
export function archiveWriter(
  sink: ByteSink,
  arrays: readonly NamedRows[],
): RecordWriter {
  const widths = arrays.map(({ rows }) => rowBytesOf(rows));
  const spills = arrays.map(
    (_, i) => new Spill(`${sink.path}.unfinished-${process.pid}-rows-${i}`),
  );
  let count = 0;

  async function* file(i: number): AsyncIterable<Uint8Array> {
    yield makeHeader(arrays[i]!.rows, count);
    yield* spills[i]!.read();
  }
  const discard = async (): Promise<void> => {
    for (const spill of spills) await spill.close();
  };
  return {
    async write(bytes) {
      count++;
      let at = 0;
      for (const [i, spill] of spills.entries())
        await spill.write(bytes.subarray(at, (at += widths[i]!)));
    },
    async end() {
      const { ZipFile } = await import("yazl");
      const zip = new ZipFile();
      // It reads them one after the other.
      for (const [i, { name }] of arrays.entries())
        zip.addReadStreamLazy(
          `${name}.npy`,
          { compress: false, mtime: NO_TIME },
          (callback) => callback(null, Readable.from(file(i))),
        );
      zip.end();
      for await (const piece of zip.outputStream as AsyncIterable<Uint8Array>)
        await sink.write(piece);
      await discard();
    },
    discard,
  };
}
