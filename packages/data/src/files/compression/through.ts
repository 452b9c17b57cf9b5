import { type Duplex, pipeline, Readable } from "node:stream";

/** What comes out of `stream` when these pieces go into it. Whoever stops reading closes both. */
export async function* through(
  pieces: AsyncIterable<Uint8Array>,
  stream: Duplex,
): AsyncIterable<Uint8Array> {
  // What goes wrong on either side destroys the stream, and so reaches who reads it.
  pipeline(Readable.from(pieces), stream, () => undefined);
  yield* stream as AsyncIterable<Uint8Array>;
}
