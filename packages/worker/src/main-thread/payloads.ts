import type { Target } from "@tsmpi/collective";
import {
  BufferTypeError,
  bytesOf,
  bytesPerElement,
  type CallSignature,
  decodeValue,
  type Dtype,
  dtypeCode,
  dtypeFromCode,
  encodeValue,
  type FrameHeader,
  NO_CALL,
  TruncateError,
} from "@tsmpi/protocol";
import type { Elements } from "./buffer-spec";

/** Without the rest of the encoder's buffer, which would cross to the other thread with it. */
export const encoded = (value: unknown): Uint8Array =>
  Uint8Array.from(encodeValue(value));

/** What a message says of its payload. */
export const messageCall = (
  dtype: Dtype | null,
  count: number,
): CallSignature => ({ ...NO_CALL, dtype: dtypeCode(dtype), count });

/** A message that has been received. */
export interface Received<T> {
  readonly header: FrameHeader;
  readonly bytes: number;
  readonly value: T;
}

/** Makes a value of a message. @param group of the communicator */
export const valueTarget = <T = unknown>(
  group: readonly number[],
): Target<Received<T>> => ({
  open(header, length) {
    const dtype = dtypeFromCode(header.call.dtype);
    if (dtype !== null && length > 0)
      throw new BufferTypeError(
        `rank ${group.indexOf(header.source)} sent a buffer of ${dtype} with Send; receive it with Recv`,
      );
    return new Uint8Array(length);
  },
  close: (header, bytes) => ({
    header,
    bytes: bytes.byteLength,
    // An empty buffer holds no value.
    value: (bytes.byteLength === 0 ? null : decodeValue(bytes)) as T,
  }),
});

/** Puts a message into a buffer, which may be longer. @param group of the communicator */
export const bufferTarget = (
  { array, dtype }: Elements,
  group: readonly number[],
): Target<Received<null>> => ({
  open(header, length) {
    const sent = dtypeFromCode(header.call.dtype);
    if (sent !== dtype && length > 0)
      throw new BufferTypeError(
        `rank ${group.indexOf(header.source)} sent ${sent ? `a buffer of ${sent}` : "a value with send"}; the receive buffer is one of ${dtype}`,
      );
    if (length > array.byteLength)
      throw new TruncateError(
        `rank ${group.indexOf(header.source)} sent ${length / bytesPerElement(dtype)} elements; the receive buffer holds ${array.length}`,
      );
    return bytesOf(array).subarray(0, length);
  },
  close: (header, bytes) => ({ header, bytes: bytes.byteLength, value: null }),
});
