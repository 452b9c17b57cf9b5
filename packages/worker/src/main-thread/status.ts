import { ArgumentError, ERROR_NUMBERS } from "@tsmpi/protocol";
import { ANY_SOURCE, ANY_TAG, UNDEFINED } from "./constants";
import { DATATYPES, type DatatypeArgument, readDatatype } from "./datatype";

/** Filled in by a receive or a probe: who sent the message, under which tag, and how much. */
export class Status {
  /** The sender's rank. */
  source: number = ANY_SOURCE;
  tag: number = ANY_TAG;
  /** SUCCESS, or the number of an error's class: of one request of several. */
  error: number = ERROR_NUMBERS.SUCCESS;
  /** Bytes of the message; of a value, as it was encoded. */
  count = 0;
  /** Whether the request was cancelled before it had matched. */
  cancelled = false;

  /** @throws {ArgumentError} `other` is no status */
  constructor(other?: Status | null) {
    if (other === undefined || other === null) return;
    if (!(other instanceof Status))
      throw new ArgumentError(
        `a status is copied from a status, not from ${typeof other}`,
      );
    this.copy(other);
  }

  Get_source(): number {
    return this.source;
  }
  Set_source(source: number): void {
    this.source = source;
  }
  Get_tag(): number {
    return this.tag;
  }
  Set_tag(tag: number): void {
    this.tag = tag;
  }
  Get_error(): number {
    return this.error;
  }
  Set_error(error: number): void {
    this.error = error;
  }

  /**
   * How many elements the message has; UNDEFINED if it does not end with one.
   *
   * @throws {BufferTypeError} DATATYPE_NULL
   */
  Get_count(datatype: DatatypeArgument = DATATYPES.BYTE): number {
    return whole(this.count / readDatatype(datatype).size);
  }

  /** Like `Get_count`; but of pairs each half counts. */
  Get_elements(datatype: DatatypeArgument): number {
    const { size, items } = readDatatype(datatype);
    return whole(this.count / (size / items));
  }
  /** Lets `Get_elements` say `count`; for the query function of a generalized request. */
  Set_elements(datatype: DatatypeArgument, count: number): void {
    const { size, items } = readDatatype(datatype);
    this.count = count * (size / items);
  }

  Is_cancelled(): boolean {
    return this.cancelled;
  }
  /** For the query function of a generalized request. */
  Set_cancelled(flag: boolean): void {
    this.cancelled = flag;
  }

  /** Whether both say the same. */
  equals(other: unknown): boolean {
    if (!(other instanceof Status)) return false;
    return (
      this.source === other.source &&
      this.tag === other.tag &&
      this.error === other.error &&
      this.count === other.count &&
      this.cancelled === other.cancelled
    );
  }

  /** @internal */
  copy({ source, tag, error, count, cancelled }: Status): void {
    Object.assign(this, { source, tag, error, count, cancelled });
  }

  /** @internal A message of so many bytes has come, or a probe has seen it. */
  set(
    { source, tag }: { readonly source: number; readonly tag: number },
    bytes: number,
  ): void {
    this.source = source;
    this.tag = tag;
    this.error = ERROR_NUMBERS.SUCCESS;
    this.count = bytes;
    this.cancelled = false;
  }
}

const whole = (count: number): number =>
  Number.isInteger(count) ? count : UNDEFINED;
