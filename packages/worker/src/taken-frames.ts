/** Less than a window has. */
const TELL_BYTES = 1 << 19;

/** Frames of a stream that were taken, and of which the root has not been told: of small ones it hears several at a time. */
export class TakenFrames {
  #frames = 0;
  #bytes = 0;

  /**
   * @param bytes of one more
   * @param hasMore others wait to be taken, which will be told with it
   * @returns how many the root is to be told of now; 0: none
   */
  add(bytes: number, hasMore: boolean): number {
    this.#frames++;
    this.#bytes += bytes;
    if (hasMore && this.#bytes < TELL_BYTES) return 0;
    const frames = this.#frames;
    this.#frames = this.#bytes = 0;
    return frames;
  }
}
