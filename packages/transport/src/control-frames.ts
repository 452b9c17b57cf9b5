import { pack, unpack } from "@tsmpi/protocol";

/** Well below the longest frame that a control socket takes. */
const PART_BYTES = 1 << 20;
/** In front of a message in parts. */
const IN_PARTS = new Uint8Array(0);

/**
 * A control message as frames: itself, and bytes that belong to it. A long one has none: it is an empty frame, and then its parts.
 *
 * @param payload of a message that is short
 */
export function framesOf(
  message: object,
  payload?: Uint8Array,
): readonly Uint8Array[] {
  const body = pack(message);
  if (payload) return [body, payload];
  if (body.byteLength <= PART_BYTES) return [body];
  const parts: Uint8Array[] = [IN_PARTS];
  for (let at = 0; at < body.byteLength; at += PART_BYTES)
    parts.push(body.subarray(at, at + PART_BYTES));
  return parts;
}

/** @returns null: these are no message */
export function messageIn([first, ...others]: readonly Uint8Array[]): {
  readonly message: { readonly type: string };
  readonly payload: Uint8Array | null;
} | null {
  if (first === undefined) return null;
  const isInParts = first.byteLength === 0;
  const message = tryUnpack(isInParts ? Buffer.concat(others) : first);
  const payload = isInParts ? null : (others[0] ?? null);
  return message && { message, payload };
}

function tryUnpack(bytes: Uint8Array): { readonly type: string } | null {
  try {
    const message = unpack(bytes);
    return typeof message === "object" && message !== null && "type" in message
      ? (message as { type: string })
      : null;
  } catch {
    return null;
  }
}
