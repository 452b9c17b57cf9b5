import { tf } from "@tsmpi/engine";
import { MPI } from "@tsmpi/worker";
import type { ResolvedOptions } from "../options";
import { adviseOnCompression } from "./advise-on-compression";
import { FusedAverage } from "./fused-average";
import type { Gradient } from "./gradient";
import {
  assertSameLayout,
  differenceOf,
  elementsOf,
  type VariableLayout,
} from "./layout";
import { askedWay, isEager, isSameWay, type Way } from "./way";

interface Parts {
  readonly layout: readonly VariableLayout[];
  readonly more: readonly number[];
  readonly way: Way;
  readonly order: readonly number[];
  readonly isOrdered: boolean;
}

/** Buckets for gradients whose layout, and whose order, all ranks have agreed on. Made anew when the layout changes. */
export class AgreedAverage {
  readonly fused: FusedAverage;
  /** Elements of what is averaged along with the gradients. */
  readonly #more: readonly number[];
  readonly #order: readonly number[];
  /** Of the gradients; the names are those of this rank's last step. */
  #layout: readonly VariableLayout[];
  readonly #way: Way;
  /** Buckets are filled in the order in which gradients become ready. */
  #isOrdered: boolean;

  /**
   * Every rank calls this with its own.
   *
   * @throws {LayoutError} on every rank, if two of them differ
   * @throws {ArgumentError} on every rank, if their options differ
   */
  static agree(
    layout: readonly VariableLayout[],
    more: readonly number[],
    options: ResolvedOptions,
  ): AgreedAverage {
    // May differ between ranks.
    const { weight: _, ...alike } = options;
    assertSameLayout(
      MPI.COMM_WORLD,
      "gradients",
      [...layout, ...more.map(layoutOfMore)],
      JSON.stringify(alike),
    );
    // A backward pass ends with the variables that the forward pass uses first.
    const order = layout.map((_, i) => layout.length - 1 - i);
    // Whether it pays here is what autotune finds out.
    if (options.autotune === null) adviseOnCompression(options.compression);
    return new AgreedAverage({
      ...{ layout, more, order, isOrdered: false },
      way: askedWay(options),
    });
  }

  private constructor({ layout, more, way, order, isOrdered }: Parts) {
    this.#layout = layout;
    this.#more = more;
    this.#way = way;
    this.#order = order;
    this.#isOrdered = isOrdered;
    const lengths = layout.map(elementsOf);
    this.fused = new FusedAverage({ lengths, more, order, way });
  }

  get layout(): readonly VariableLayout[] {
    return this.#layout;
  }

  /** Gradients may leave while others are still being computed. */
  get isEager(): boolean {
    return isEager(this.#way);
  }

  /** Something is averaged along with the gradients. */
  get hasMore(): boolean {
    return this.#more.length > 0;
  }

  /** Gradients of these variables fit. */
  fits(layout: readonly VariableLayout[]): boolean {
    return differenceOf(this.#layout, layout) === null;
  }

  /** A step brings these: whether they fit. Its variables may be called otherwise than the last ones were. */
  adopt(layout: readonly VariableLayout[], more: readonly number[]): boolean {
    const isSame =
      this.fits(layout) && tf.util.arraysEqual([...this.#more], [...more]);
    if (isSame) this.#layout = layout;
    return isSame;
  }

  /** Where the values of a gradient may be written before it is put; null: not now, or not known. */
  place(entry: number): Gradient["values"] {
    return entry < this.#layout.length ? this.fused.place(entry) : null;
  }

  /**
   * Every rank calls this behind an update. Behind the first one rank 0 tells how it got its gradients, and buckets are made anew.
   *
   * @param order in which this rank's gradients became ready, as far as that is known
   */
  ordered(order: readonly number[]): AgreedAverage {
    const { rank } = MPI.COMM_WORLD;
    if (this.#isOrdered || !this.isEager) return this;
    this.#isOrdered = true;
    const agreed = MPI.COMM_WORLD.bcast(rank === 0 ? order : []);
    if (agreed.length === 0) return this;
    return this.#anew({
      order: [...new Set([...agreed, ...this.#layout.keys()])],
    });
  }

  /** Every rank calls this behind an update. What compression has left out is forgotten, if the way is another one. */
  using(way: Way): AgreedAverage {
    return isSameWay(way, this.#way) ? this : this.#anew({ way });
  }

  #anew(change: Partial<Pick<Parts, "way" | "order">>): AgreedAverage {
    this.free();
    return new AgreedAverage({
      ...{ layout: this.#layout, more: this.#more, way: this.#way },
      ...{ order: this.#order, isOrdered: this.#isOrdered, ...change },
    });
  }

  free(): void {
    this.fused.free();
  }
}

const layoutOfMore = (length: number, i: number): VariableLayout => ({
  name: `value ${i}`,
  dtype: "float32",
  shape: [length],
});
