import {
  dealtTo,
  type EpochPlan,
  type Feed,
  type FileRecords,
  PARTITION_NAMES,
  DEALT_PIECE_BYTES,
  readPiece,
  totalRecords,
} from "@tsmpi/data";
import {
  openStream,
  orderReader,
  type Piece,
  type PieceStream,
} from "@tsmpi/worker";
import { throwLoss } from "../loss";
import type { Mode, SharedDataset } from "../mode";

/** Rank 0 reads, on a thread of its own, and the coordinator streams each rank its share: the others need not have the files. */
export const scatter: Mode = {
  name: "scatter",
  summary: "rank 0 reads the files, and every rank is sent its share",
  isReadByAll: false,
  takesOver: false,
  partitions: PARTITION_NAMES,
  feed(dataset) {
    const { number, rank, catalogue, counts } = dataset;
    const indexes = dataset.indexes.length > 0 ? dataset.indexes : null;
    const records = totalRecords(counts);
    let passes = 0;
    if (rank === 0)
      orderReader({ type: "catalogue", dataset: number, catalogue, indexes });
    return {
      records: records === null ? null : dealtTo(rank, { ...dataset, records }),
      epoch(plan) {
        const stream = `dataset ${number} pass ${passes++}`;
        const pieces = stoppedOnce(openStream(stream, DEALT_PIECE_BYTES));
        // The first records of an epoch take memory: not before they are wanted.
        const ordered = once(() => {
          if (rank === 0) order(dataset, stream, plan);
          return pieces;
        });
        return {
          [Symbol.asyncIterator]: () => take(ordered()),
          delivered() {},
          // At once, since the program may block: others are sent nothing while this rank's pieces wait for it.
          left: () =>
            void ordered()
              .stop()
              .catch(() => {}),
        };
      },
    } satisfies Feed;
  },
};

function order(
  { number, size, partition, remainder }: SharedDataset,
  stream: string,
  plan: EpochPlan,
): void {
  orderReader({
    ...{ type: "read", dataset: number, stream, plan },
    dests: Array.from({ length: size }, (_, rank) => rank),
    ...{ partition, remainder },
  });
}

async function* take(pieces: PieceStream): AsyncGenerator<FileRecords> {
  // Always one ahead: the next piece is here when this one has been read.
  const ask = (): Promise<Piece | null> => {
    const asked = pieces.next();
    // It is raised when this one has been read.
    asked.catch(() => {});
    return asked;
  };
  let next = ask();
  try {
    for (;;) {
      const piece = await next;
      throwLoss();
      if (piece === null) return;
      next = ask();
      yield* readPiece(piece.bytes);
      piece.release();
    }
  } finally {
    await pieces.stop();
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** Whoever stops it; behind its end nobody need. */
function stoppedOnce(pieces: PieceStream): PieceStream {
  let isOver = false;
  return {
    async next() {
      const piece = await pieces.next();
      isOver ||= piece === null;
      return piece;
    },
    async stop() {
      if (isOver) return;
      isOver = true;
      await pieces.stop();
    },
  };
}
