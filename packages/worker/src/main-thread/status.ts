import type { Received } from "@tsmpi/collective";

/** Filled in by a receive: who sent the message, under which tag, and how much. */
export class Status {
  source = -1;
  tag = -1;
  /** Elements of a buffer; bytes of an encoded value. */
  count = 0;

  Get_source(): number {
    return this.source;
  }
  Get_tag(): number {
    return this.tag;
  }
  Get_count(): number {
    return this.count;
  }

  /** @internal */
  set({ source, tag }: Pick<Received, "source" | "tag">, count: number): void {
    this.source = source;
    this.tag = tag;
    this.count = count;
  }
}
