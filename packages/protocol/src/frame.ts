import { PROTOCOL_VERSION } from "./version";

/**
 * A data message between two ranks is a header of 64 bytes and a payload, which may be empty. The header says whose it is:
 *
 *      0  u16  magic            0x4d54
 *      2  u8   version
 *      3  u8   kind             see `FRAME_KINDS`, from 1
 *      4  u32  source           world rank
 *      8  f64  context          which communicator
 *     16  i32  tag              message: the user's tag; collective: its number in the communicator
 *     20  u8   collective       which one (0 for a message)
 *     21  u8   dtype            0: an encoded value
 *     22  u8   op               reduce op (0: none)
 *     23  u8   –
 *     24  u32  root             0xffffffff: none
 *     28  u32  message          the sender's number of a message or of a flush, to which its receiver answers
 *     32  f64  count            elements, as this rank's call says; −1: may differ between ranks
 *     40  f64  payload bytes    behind this header
 *     48  f64  extent           of an announced message: its bytes; of a part: where it starts; of a credit or a request: bytes; of a
 *                               part of a collective's long message: the bytes of the whole, else 0
 *     56  u32  digest           of further arguments that must be alike (0: none)
 *     60  –    4 bytes
 *
 * Everything is little-endian. Bytes 20–39, without `message`, and `digest` are the sender's call: the receiver compares them with
 * its own.
 */
export interface FrameHeader {
  readonly kind: FrameKind;
  readonly source: number;
  readonly context: number;
  readonly tag: number;
  readonly call: CallSignature;
  readonly message: number;
  readonly payloadBytes: number;
  readonly extent: number;
}

/** A kind's code is its place in this list, from 1. */
export const FRAME_KINDS = [
  /** A message with its payload; its sender has a credit for it. */
  "eager",
  /** The same; its receiver answers `matched`. */
  "eager-synchronous",
  /** A message whose payload stays with the sender until it is requested. */
  "announced",
  /** Receiver: send `extent` more bytes of this message. */
  "requested",
  /** A part of an announced message. */
  "part",
  /** Receiver: the message has met its receive, and nothing more of it is wanted. */
  "matched",
  /** Receiver: `extent` bytes of eager messages have been taken. */
  "credit",
  /** The sender's program has ended: it sends no message any more, but what it has announced. */
  "leaving",
  /** The communicator is revoked. */
  "revoked",
  /** A message within a collective. */
  "collective",
  /** A collective failed on this rank. */
  "collective-error",
  /** This rank has waited: is the receiver in the same call? */
  "collective-inquiry",
  /** What this rank does instead. */
  "collective-answer",
  /** Calls differ: this rank's call, and where it is made. */
  "collective-report",
  /** Answer when you have all that I have sent before this. */
  "collective-flush",
  /** The answer, under the same number. */
  "collective-flushed",
] as const;

export type FrameKind = (typeof FRAME_KINDS)[number];

const CODE_OF_KIND = new Map<FrameKind, number>(
  FRAME_KINDS.map((kind, index) => [kind, index + 1]),
);

/** What one rank says of its call; the ranks of a collective must say the same. */
export interface CallSignature {
  readonly collective: number;
  readonly dtype: number;
  readonly op: number;
  readonly root: number | null;
  readonly count: number;
  readonly digest: number;
}

/** Of what is no call of a collective. */
export const NO_CALL: CallSignature = {
  collective: 0,
  dtype: 0,
  op: 0,
  root: null,
  count: 0,
  digest: 0,
};

export const HEADER_BYTES = 64;
const MAGIC = 0x4d54;
const NO_ROOT = 0xffffffff;

/** Writes the header into the first 64 bytes of `target`. */
export function encodeHeader(target: Uint8Array, header: FrameHeader): void {
  const view = new DataView(target.buffer, target.byteOffset, HEADER_BYTES);
  view.setUint16(0, MAGIC, true);
  view.setUint8(2, PROTOCOL_VERSION);
  view.setUint8(3, CODE_OF_KIND.get(header.kind)!);
  view.setUint32(4, header.source, true);
  view.setFloat64(8, header.context, true);
  view.setInt32(16, header.tag, true);
  view.setUint8(20, header.call.collective);
  view.setUint8(21, header.call.dtype);
  view.setUint8(22, header.call.op);
  view.setUint8(23, 0);
  view.setUint32(24, header.call.root ?? NO_ROOT, true);
  view.setUint32(28, header.message, true);
  view.setFloat64(32, header.call.count, true);
  view.setFloat64(40, header.payloadBytes, true);
  view.setFloat64(48, header.extent, true);
  view.setUint32(56, header.call.digest, true);
  view.setUint32(60, 0, true);
}

/** Null if these bytes are no header of this version: whoever sent them is no rank of this job. */
export function decodeHeader(bytes: Uint8Array): FrameHeader | null {
  if (bytes.byteLength < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const kind = FRAME_KINDS[view.getUint8(3) - 1];
  if (
    view.getUint16(0, true) !== MAGIC ||
    view.getUint8(2) !== PROTOCOL_VERSION ||
    kind === undefined
  )
    return null;
  const root = view.getUint32(24, true);
  return {
    kind,
    source: view.getUint32(4, true),
    context: view.getFloat64(8, true),
    tag: view.getInt32(16, true),
    call: {
      collective: view.getUint8(20),
      dtype: view.getUint8(21),
      op: view.getUint8(22),
      root: root === NO_ROOT ? null : root,
      count: view.getFloat64(32, true),
      digest: view.getUint32(56, true),
    },
    message: view.getUint32(28, true),
    payloadBytes: view.getFloat64(40, true),
    extent: view.getFloat64(48, true),
  };
}
