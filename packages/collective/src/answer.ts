import { pack, unpack } from "@tsmpi/protocol";

/** What a rank answers to one that has waited for it in a call. */
export interface Answer {
  /** It is in the same call, or through with it. */
  readonly isThere: boolean;
  /** What it does, for people: `is computing; its last collective …`. */
  readonly text: string;
}

export const encodeAnswer = (answer: Answer): Uint8Array => pack(answer);

/** Null for what is no answer. */
export function decodeAnswer(bytes: Uint8Array): Answer | null {
  try {
    const { isThere, text } = unpack(bytes) as Partial<Answer>;
    return typeof text === "string"
      ? { isThere: isThere === true, text }
      : null;
  } catch {
    return null;
  }
}
