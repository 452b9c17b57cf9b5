import { pack, unpack, type WireError } from "@tsmpi/protocol";

/** What the communication thread tells the main thread besides frames, in order with them. */
export interface Notice {
  readonly rank: number;
  readonly error: WireError;
  /** It ended with success, as opposed to having failed. */
  readonly inOrder: boolean;
}

/** A record of the ring to the main thread holds a frame, or a notice. */
export const FRAME_RECORD = 0;
export const NOTICE_RECORD = 1;

export const encodeNotice = (notice: Notice): Uint8Array => pack(notice);
export const decodeNotice = (bytes: Uint8Array): Notice =>
  unpack(Uint8Array.from(bytes)) as Notice;
