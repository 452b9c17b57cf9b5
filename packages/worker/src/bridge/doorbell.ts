/** Words of the doorbell, in shared memory. */
const RINGS = 0;
const BROKEN = 1;
const LISTENING = 2;
const BLOCKED = 3;
const POSTED = 4;
const WORDS = 5;

/**
 * Wakes a thread that sleeps in `Atomics.wait`. Messages themselves travel over a MessagePort and a ring; the bell only says that
 * there may be one, and, for ever, that the ringing thread is broken and none will come.
 */
export class Doorbell {
  readonly words: Int32Array<SharedArrayBuffer>;

  /** On the other thread: the words of the same doorbell. */
  constructor(
    words = new Int32Array(
      new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
    ),
  ) {
    this.words = words;
  }

  ring(): void {
    Atomics.add(this.words, RINGS, 1);
    Atomics.notify(this.words, RINGS);
  }

  /** A message has been posted. */
  countPosted(): void {
    Atomics.add(this.words, POSTED, 1);
  }

  /** Messages posted so far: to look for one that is not there costs more than to read this. */
  get posted(): number {
    return Atomics.load(this.words, POSTED);
  }

  /** Nothing more will come from the ringing thread. */
  break(): void {
    Atomics.store(this.words, BROKEN, 1);
    this.ring();
  }

  get isBroken(): boolean {
    return Atomics.load(this.words, BROKEN) === 1;
  }

  /** To be read before looking for messages, and handed to `sleep`: a ring in between is then not missed. */
  get rings(): number {
    return Atomics.load(this.words, RINGS);
  }

  /** Blocks this thread until the bell has rung since `rings` was read, or until `timeoutMs` is over. */
  sleep(rings: number, timeoutMs: number): void {
    Atomics.store(this.words, BLOCKED, 1);
    Atomics.wait(this.words, RINGS, rings, timeoutMs);
    Atomics.store(this.words, BLOCKED, 0);
  }

  /** The sleeping thread sleeps, as opposed to computing. */
  get isAsleep(): boolean {
    return Atomics.load(this.words, BLOCKED) === 1;
  }

  /** The other thread's event loop waits for what is in the ring: it wants a message, once. */
  listen(): void {
    Atomics.store(this.words, LISTENING, 1);
  }

  /** True once for each `listen`. */
  takeListener(): boolean {
    return (
      Atomics.load(this.words, LISTENING) === 1 &&
      Atomics.exchange(this.words, LISTENING, 0) === 1
    );
  }
}
