import { once } from "node:events";
import { Readable } from "node:stream";
import { DataError } from "@tsmpi/protocol";
import type { ByteSink } from "../files/byte-sink";
import { compressionOf } from "../files/compression";
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
  if (compressionOf(sink.path) !== null)
    throw new DataError(
      `${sink.path} would be a zip archive that is compressed once more, which cannot be read in passing; write .npz, or another format`,
    );
  const widths = arrays.map(({ rows }) => rowBytesOf(rows));
  const spills = arrays.map(() => new Spill(sink.path));
  let count = 0;

  async function* file(i: number): AsyncIterable<Uint8Array> {
    yield makeHeader(arrays[i]!.rows, count);
    yield* spills[i]!.read();
  }
  const discard = async (): Promise<void> => {
    for (const spill of spills) await spill.close();
  };
  const failed = (cause: Error): DataError =>
    cause instanceof DataError
      ? cause
      : new DataError(`${sink.path} cannot be written: ${cause.message}`, {
          cause,
        });
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
      const archive = zip.outputStream as Readable;
      // The library hands no error on from one stream to the next.
      const fail = (cause: Error) => void archive.destroy(failed(cause));
      zip.on("error", fail);
      let reading: Readable | null = null;
      // It reads them one after the other.
      for (const [i, { name }] of arrays.entries())
        zip.addReadStreamLazy(
          `${name}.npy`,
          { compress: false, mtime: NO_TIME },
          (callback) => {
            reading = Readable.from(file(i)).on("error", fail);
            callback(null, reading);
          },
        );
      zip.end();
      try {
        for await (const piece of archive as AsyncIterable<Uint8Array>)
          await sink.write(piece);
      } finally {
        // Nobody reads rows any more when their files are closed.
        await closed(reading);
        await discard();
      }
    },
    discard,
  };
}

async function closed(stream: Readable | null): Promise<void> {
  if (stream === null || stream.closed) return;
  stream.destroy();
  await once(stream, "close");
}
