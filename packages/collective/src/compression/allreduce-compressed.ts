import { type Block, lengthOf } from "@tsmpi/protocol";
import type { Across, Cost } from "../algorithm";
import type { PointToPoint } from "../point-to-point";
import { cut, segmentLength, segmentsOf } from "../segments";
import type { Codec } from "./codec";
import type { Compressor } from "./compressor";

export interface HowCompressed {
  readonly compressor: Compressor;
  /**
   * As long as the buffer. What it holds is added to the buffer first; then it holds what encoding has left out: of what this
   * rank has sent, and of the sum that it owns.
   */
  readonly residual: Float32Array | null;
}

/**
 * All-reduce whose values are encoded on the wire: a sum of float32. Each rank owns a block, adds up what all ranks have encoded
 * of it, in the order of ranks, and encodes the sum once for everybody: every value is rounded twice, however many ranks there are.
 *
 *                rank 0             rank 1             rank 2
 *     start      a0  b0  c0         a1  b1  c1         a2  b2  c2
 *     encoded    A0  b0  c0         a1  B1  c1         a2  b2  C2         own block; the others as they are sent
 *     added      a = A0 + A1 + A2   b = B0 + B1 + B2   c = C0 + C1 + C2
 *     gathered   A   B   C          A   B   C          A   B   C
 *
 * What a rank owns is encoded too, as if it had been sent: who owns it makes no difference. All ranks decode the same bytes, and end
 * with the same bits. A rank that is alone sends nothing, and loses nothing.
 *
 * Source: Tang et al., DoubleSqueeze, ICML 2019, arXiv:1905.05957, which sends back both errors, here in one residual; the idea is
 * Seide et al.'s, Interspeech 2014, doi:10.21437/Interspeech.2014-274.
 */
export async function allreduceCompressed(
  channel: PointToPoint,
  buffer: Float32Array,
  { compressor, residual }: HowCompressed,
): Promise<void> {
  const { rank, size } = channel;
  if (size === 1) return;
  const others = peersOf(rank, size);
  const segments = blocksOf(buffer.length, size, compressor.codec).map(
    segmentsOfBlock,
  );
  const valuesOf = ({ start, end }: Block): Float32Array =>
    buffer.subarray(start, end);
  const residualOf = ({ start, end }: Block): Float32Array | null =>
    residual && residual.subarray(start, end);
  const encode = (segment: Block): Uint8Array => {
    const [values, left] = [valuesOf(segment), residualOf(segment)];
    return left
      ? compressor.encodeSums(values, left)
      : compressor.encode(values);
  };

  /** Each rank's block, segment by segment, so that all have something to add up early. */
  const scatter = async (): Promise<void> => {
    const most = Math.max(...segments.map(({ length }) => length));
    for (let i = 0; i < most; i++)
      for (const dest of others) {
        const segment = segments[dest]![i];
        if (segment) await channel.send(dest, encode(segment));
      }
  };

  const addUp = async (scattered: Promise<void>): Promise<void> => {
    const sent: Promise<unknown>[] = [];
    for (const segment of segments[rank]!) {
      const values = valuesOf(segment);
      const own = encode(segment);
      for (let source = 0; source < size; source++) {
        const encoded = source === rank ? own : await channel.receive(source);
        if (source === 0) compressor.decode(encoded, values);
        else compressor.add(encoded, values);
      }
      const sum = compressor.encode(values, residualOf(segment));
      compressor.decode(sum, values);
      // Messages to a rank are told apart by their order: sums come behind the blocks.
      const send = (): Promise<unknown> =>
        Promise.all(others.map((dest) => channel.send(dest, sum)));
      sent.push(scattered.then(send));
    }
    await Promise.all(sent);
  };

  const scattered = scatter();
  await Promise.all([scattered, addUp(scattered)]);
  await Promise.all(
    others.map(async (source) => {
      for (const segment of segments[source]!)
        compressor.decode(await channel.receive(source), valuesOf(segment));
    }),
  );
}

/** The same for each lane of a buffer: what hosts send each other is encoded, of the sums of their ranks. */
export const acrossCompressed =
  (buffer: Float32Array, { compressor, residual }: HowCompressed): Across =>
  async (channel, lane, { prepare, finished }) => {
    const start = (lane.byteOffset - buffer.byteOffset) / FLOAT_BYTES;
    prepare(lane);
    await allreduceCompressed(channel, lane as Float32Array, {
      compressor,
      residual: residual && residual.subarray(start, start + lane.length),
    });
    finished(lane);
  };

/** What a rank sends: of all blocks but its own, and its own to all, a message a segment. */
export const costOfCompressed = (codec: Codec): Cost => ({
  steps: (size) => (size === 1 ? 0 : 2),
  sends({ rank, size, count }) {
    const blocks = blocksOf(count, size, codec);
    return peersOf(rank, size).map((to) => {
      const sent = [to, rank].flatMap((owner) =>
        segmentsOfBlock(blocks[owner]!),
      );
      const bytes = sent.map((segment) => codec.wireBytes(lengthOf(segment)));
      return {
        to,
        messages: sent.length,
        bytes: bytes.reduce((sum, of) => sum + of, 0),
      };
    });
  },
});

const blocksOf = (count: number, size: number, codec: Codec): Block[] =>
  cut({ start: 0, end: count }, size, codec.blockLength);

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** A multiple of every codec's block. */
const SEGMENT_LENGTH = segmentLength(FLOAT_BYTES);

const segmentsOfBlock = (block: Block): Block[] =>
  segmentsOf(block, SEGMENT_LENGTH);

/** The others, each rank beginning with its right neighbour: so that not all send to one at a time. */
const peersOf = (rank: number, size: number): number[] =>
  Array.from({ length: size - 1 }, (_, i) => (rank + 1 + i) % size);
