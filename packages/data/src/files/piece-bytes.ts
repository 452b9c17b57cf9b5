/** Read, written, and handed on, at a time: enough for a disk and a socket, little enough for many ranks in one memory. */
export const PIECE_BYTES = 1 << 20;
