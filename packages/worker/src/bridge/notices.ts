import { pack, unpack, type WireError } from "@tsmpi/protocol";

/** What the communication thread tells the main thread besides frames, in order with them. */
export interface Notice {
  readonly rank: number;
  readonly error: WireError;
  /** It ended with success, as opposed to having failed. */
  readonly inOrder: boolean;
}

/** A record of the ring to the main thread holds a frame, or a notice, or says that the call with this number has ended well. */
export const FRAME_RECORD = 0;
export const NOTICE_RECORD = 1;
export const ENDED_RECORD = 2;

export const encodeNotice = (notice: Notice): Uint8Array => pack(notice);
export const decodeNotice = (bytes: Uint8Array): Notice =>
  unpack(Uint8Array.from(bytes)) as Notice;

export const ENDED_BYTES = 8;
export const encodeEnded = (record: Uint8Array, id: number): void =>
  viewOf(record).setFloat64(0, id, true);
export const decodeEnded = (record: Uint8Array): number =>
  viewOf(record).getFloat64(0, true);

const viewOf = ({ buffer, byteOffset }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, ENDED_BYTES);
