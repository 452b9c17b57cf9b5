import { hostedStreams } from "./host-coordinator";
import { theRuntime } from "./init";
import type { Piece, PieceStream } from "./piece-stream";

/** @param pieceBytes what most pieces have room in */
export function openStream(stream: string, pieceBytes: number): PieceStream {
  const hosted = hostedStreams();
  return hosted === null
    ? new RemoteStream(stream, pieceBytes)
    : hosted.open(stream);
}

/** Through the communication thread, which copies pieces into memory of this thread's. */
class RemoteStream implements PieceStream {
  readonly #stream: string;
  readonly #pieceBytes: number;
  readonly #free: Uint8Array[] = [];

  constructor(stream: string, pieceBytes: number) {
    this.#stream = stream;
    this.#pieceBytes = pieceBytes;
  }

  async next(): Promise<Piece | null> {
    const into =
      this.#free.pop() ??
      new Uint8Array(new SharedArrayBuffer(this.#pieceBytes));
    const args = { stream: this.#stream, into };
    const bytes = await theRuntime().request(
      ...(["receivePiece", args, (piece: Uint8Array | null) => piece] as const),
    );
    return bytes && { bytes, release: () => void this.#free.push(into) };
  }

  async stop(): Promise<void> {
    const args = { stream: this.#stream };
    await theRuntime().request("stopStream", args, () => undefined);
  }
}
