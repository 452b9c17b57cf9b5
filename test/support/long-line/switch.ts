/** Where a frame goes that comes from one of its ports: a switch learns who is behind which. */
export class Switch {
  readonly #portOf = new Map<number, number>();
  readonly #others: readonly (readonly number[])[];
  readonly #only: readonly (readonly number[])[];

  constructor(ports: number) {
    const all = Array.from({ length: ports }, (_, port) => port);
    this.#others = all.map((port) => all.filter((other) => other !== port));
    this.#only = all.map((port) => [port]);
  }

  /** @returns the ports that it leaves by */
  targets(frame: Buffer, from: number): readonly number[] {
    this.#portOf.set(frame.readUIntBE(6, 6), from);
    const isForMany = (frame[0]! & 1) === 1;
    const known = isForMany
      ? undefined
      : this.#portOf.get(frame.readUIntBE(0, 6));
    return known === undefined ? this.#others[from]! : this.#only[known]!;
  }
}
