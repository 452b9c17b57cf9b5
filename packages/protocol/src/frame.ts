import { PROTOCOL_VERSION } from "./version";

/**
 * A data message between two ranks is a header of 48 bytes and a payload, which may be empty. The header says whose it is:
 *
 *      0  u16  magic            0x4d54
 *      2  u8   version
 *      3  u8   kind             1 point-to-point, 2 collective, 3 error of a collective, 4 question: are you in this call too?
 *      4  u32  source           world rank
 *      8  u32  context          which communicator
 *     12  i32  tag              point-to-point: the user's tag; collective: its number in the communicator
 *     16  u8   collective       which one (0 for point-to-point)
 *     17  u8   dtype            0: an encoded value
 *     18  u8   op               reduce op (0: none)
 *     19  u8   –
 *     20  u32  root             0xffffffff: none
 *     24  f64  count            elements, as this rank's call says; −1: may differ between ranks
 *     32  f64  payload bytes
 *     40  –    8 bytes
 *
 * Everything is little-endian. Bytes 16–31 are the sender's call: the receiver compares them with its own.
 */
export interface FrameHeader {
  readonly kind: FrameKind;
  readonly source: number;
  readonly context: number;
  readonly tag: number;
  readonly call: CallSignature;
  readonly payloadBytes: number;
}

export type FrameKind =
  "point-to-point" | "collective" | "collective-error" | "collective-inquiry";

/** What one rank says of its call; the ranks of a collective must say the same. */
export interface CallSignature {
  readonly collective: number;
  readonly dtype: number;
  readonly op: number;
  readonly root: number | null;
  readonly count: number;
}

export const HEADER_BYTES = 48;
const MAGIC = 0x4d54;
const NO_ROOT = 0xffffffff;
const KINDS: readonly FrameKind[] = [
  "point-to-point",
  "collective",
  "collective-error",
  "collective-inquiry",
];

/** Writes the header into the first 48 bytes of `target`. */
export function encodeHeader(target: Uint8Array, header: FrameHeader): void {
  const view = new DataView(target.buffer, target.byteOffset, HEADER_BYTES);
  view.setUint16(0, MAGIC, true);
  view.setUint8(2, PROTOCOL_VERSION);
  view.setUint8(3, KINDS.indexOf(header.kind) + 1);
  view.setUint32(4, header.source, true);
  view.setUint32(8, header.context, true);
  view.setInt32(12, header.tag, true);
  view.setUint8(16, header.call.collective);
  view.setUint8(17, header.call.dtype);
  view.setUint8(18, header.call.op);
  view.setUint8(19, 0);
  view.setUint32(20, header.call.root ?? NO_ROOT, true);
  view.setFloat64(24, header.call.count, true);
  view.setFloat64(32, header.payloadBytes, true);
  view.setFloat64(40, 0, true);
}

/** Null if these bytes are no header of this version: whoever sent them is no rank of this job. */
export function decodeHeader(bytes: Uint8Array): FrameHeader | null {
  if (bytes.byteLength < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const kind = KINDS[view.getUint8(3) - 1];
  if (
    view.getUint16(0, true) !== MAGIC ||
    view.getUint8(2) !== PROTOCOL_VERSION ||
    kind === undefined
  )
    return null;
  const root = view.getUint32(20, true);
  return {
    kind,
    source: view.getUint32(4, true),
    context: view.getUint32(8, true),
    tag: view.getInt32(12, true),
    call: {
      collective: view.getUint8(16),
      dtype: view.getUint8(17),
      op: view.getUint8(18),
      root: root === NO_ROOT ? null : root,
      count: view.getFloat64(24, true),
    },
    payloadBytes: view.getFloat64(32, true),
  };
}
