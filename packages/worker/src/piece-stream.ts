/** Records from the thread that reads files for all ranks. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Its bytes are not read any more: others will take their place. */
  release(): void;
}

/** What this rank is sent of a stream. One piece is asked for at a time. */
export interface PieceStream {
  /** null at the end. */
  next(): Promise<Piece | null>;
  /** Nothing more is wanted. */
  stop(): Promise<void>;
}
