import { Chain, Chains, type Linked } from "./chain";

/** MPI's wildcards. */
export const ANY_SOURCE = -1;
export const ANY_TAG = -1;

/** What a receive asks for. `source` is a world rank or ANY_SOURCE. */
export interface Wanted {
  readonly source: number;
  readonly tag: number;
}

/** Where a message comes from; never a wildcard. */
export type Envelope = Wanted;

/** One number for a source and a tag, wildcards included; exact up to 2^20 ranks. */
const keyOf = ({ source, tag }: Wanted): number =>
  (source + 1) * 2 ** 32 + (tag + 1);

const ALL = 0;
const BY_SOURCE = 1;
const BY_TAG = 2;
const BY_BOTH = 3;

class Entry<Message> implements Linked<Entry<Message>> {
  readonly before = [null, null, null, null] as (Entry<Message> | null)[];
  readonly behind = [null, null, null, null] as (Entry<Message> | null)[];

  constructor(
    readonly envelope: Envelope,
    readonly message: Message,
  ) {}
}

/** Messages that have met no receive yet, in the order they came. Each look-up takes constant time, whatever waits. */
export class UnexpectedMessages<Message> {
  readonly #all = new Chain<Entry<Message>>(ALL);
  readonly #bySource = new Chains<Entry<Message>>(BY_SOURCE);
  readonly #byTag = new Chains<Entry<Message>>(BY_TAG);
  readonly #byBoth = new Chains<Entry<Message>>(BY_BOTH);

  put(envelope: Envelope, message: Message): void {
    const entry = new Entry(envelope, message);
    this.#all.push(entry);
    this.#bySource.push(envelope.source, entry);
    this.#byTag.push(envelope.tag, entry);
    this.#byBoth.push(keyOf(envelope), entry);
  }

  /** The first message that `wanted` matches; it stays. */
  peek(wanted: Wanted): Message | null {
    return this.#find(wanted)?.message ?? null;
  }

  /** The first message that `wanted` matches, removed. */
  take(wanted: Wanted): Message | null {
    const entry = this.#find(wanted);
    if (entry === null) return null;
    this.#all.remove(entry);
    this.#bySource.remove(entry.envelope.source, entry);
    this.#byTag.remove(entry.envelope.tag, entry);
    this.#byBoth.remove(keyOf(entry.envelope), entry);
    return entry.message;
  }

  #find(wanted: Wanted): Entry<Message> | null {
    const { source, tag } = wanted;
    if (source === ANY_SOURCE)
      return tag === ANY_TAG ? this.#all.first : this.#byTag.first(tag);
    return tag === ANY_TAG
      ? this.#bySource.first(source)
      : this.#byBoth.first(keyOf(wanted));
  }
}

class Post<Receive> implements Linked<Post<Receive>> {
  readonly before = [null] as (Post<Receive> | null)[];
  readonly behind = [null] as (Post<Receive> | null)[];

  constructor(
    readonly wanted: Wanted,
    readonly receive: Receive,
    /** Earlier ones go first. */
    readonly number: number,
  ) {}
}

/** Receives that have met no message yet, in the order they were posted. */
export class PostedReceives<Receive> {
  readonly #chains = new Chains<Post<Receive>>(0);
  readonly #posts = new Map<Receive, Post<Receive>>();
  #next = 0;

  post(wanted: Wanted, receive: Receive): void {
    const post = new Post(wanted, receive, this.#next++);
    this.#chains.push(keyOf(wanted), post);
    this.#posts.set(receive, post);
  }

  /** The earliest receive that matches this message, removed. */
  take({ source, tag }: Envelope): Receive | null {
    if (this.#posts.size === 0) return null;
    let earliest: Post<Receive> | null = null;
    for (const wanted of [
      { source, tag },
      { source, tag: ANY_TAG },
      { source: ANY_SOURCE, tag },
      { source: ANY_SOURCE, tag: ANY_TAG },
    ]) {
      const post = this.#chains.first(keyOf(wanted));
      if (post && (earliest === null || post.number < earliest.number))
        earliest = post;
    }
    if (earliest) this.#remove(earliest);
    return earliest?.receive ?? null;
  }

  /** False if it is not posted any more. */
  withdraw(receive: Receive): boolean {
    const post = this.#posts.get(receive);
    if (post) this.#remove(post);
    return post !== undefined;
  }

  get isEmpty(): boolean {
    return this.#posts.size === 0;
  }

  /** Every posted receive, in order, with what it asks for. */
  entries(): { readonly wanted: Wanted; readonly receive: Receive }[] {
    return [...this.#posts.values()];
  }

  #remove(post: Post<Receive>): void {
    this.#chains.remove(keyOf(post.wanted), post);
    this.#posts.delete(post.receive);
  }
}
