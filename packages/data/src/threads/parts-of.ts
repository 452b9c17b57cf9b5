import type { Part } from "../epoch/read-part";
import type { FileRecords } from "../feed";
import type { SourcePass } from "../pipeline/source-pass";
import type { BackgroundLink } from "./background-messages";

/** Sends a thread what the feed brings, as it is asked for. */
export class PartsOf {
  /** The feed's. */
  failure: Error | null = null;
  #turn: Promise<void> = Promise.resolve();
  readonly #source: SourcePass;
  readonly #parts: AsyncGenerator<FileRecords | Part>;
  readonly #pass: number;
  readonly #link: BackgroundLink;

  /** @param pass as the thread counts them */
  constructor(source: SourcePass, pass: number, link: BackgroundLink) {
    this.#source = source;
    this.#parts = source.parts();
    this.#pass = pass;
    this.#link = link;
  }

  /** One after the other: the bytes of records may be gone when the next are asked for. */
  send(): void {
    this.#turn = this.#turn.then(() => this.#sendNext());
  }

  async #sendNext(): Promise<void> {
    const pass = this.#pass;
    try {
      const parts: (FileRecords | Part)[] = [];
      do {
        const next = await this.#parts.next();
        if (next.done) return this.#link.post({ pass, kind: "last" });
        parts.push(alone(next.value));
      } while (this.#source.partsReady > 0);
      this.#link.post({ pass, kind: "parts", parts });
    } catch (error) {
      this.failure = error as Error;
      this.#link.wake();
    }
  }

  async close(): Promise<void> {
    await this.#parts.return(undefined);
  }
}

/** Bytes that are a part of a larger buffer would travel with all of it, and memory that threads share is soon that of other records. */
function alone(part: FileRecords | Part): FileRecords | Part {
  if ("split" in part) return part;
  const { bytes, starts, ends, checksums } = part.records;
  const records = {
    ...part.records,
    bytes: isAlone(bytes) ? bytes : new Uint8Array(bytes),
    starts: isAlone(starts) ? starts : new Uint32Array(starts),
    ends: isAlone(ends) ? ends : new Uint32Array(ends),
    ...(checksums && { checksums: new Uint32Array(checksums) }),
  };
  return { ...part, records };
}

const isAlone = ({ buffer, byteLength }: Uint8Array | Uint32Array): boolean =>
  buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
