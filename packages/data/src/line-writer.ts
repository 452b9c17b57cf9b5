import type { ByteSink } from "./files/byte-sink";
import type { RecordWriter } from "./format";
import { NEWLINE } from "./framers/lines";

const END_OF_LINE = Uint8Array.of(NEWLINE);

/** Each record on a line. */
export const lineWriter = (sink: ByteSink): RecordWriter => ({
  async write(bytes) {
    await sink.write(bytes);
    await sink.write(END_OF_LINE);
  },
  end: () => Promise.resolve(),
});
