import { MismatchError, pack, unpack } from "@tsmpi/protocol";

/** What one rank says of its call when calls differ. */
export interface Report {
  /** For people: `allreduce(float32 × 1000, SUM)`. */
  readonly call: string;
  /** Where in its program, `train.ts:12:8`; null if it cannot say. */
  readonly site: string | null;
}

export const encodeReport = (report: Report): Uint8Array => pack(report);

/** Null for what is no report. */
export function decodeReport(bytes: Uint8Array): Report | null {
  try {
    const { call, site } = unpack(bytes) as Partial<Report>;
    return typeof call === "string"
      ? { call, site: typeof site === "string" ? site : null }
      : null;
  } catch {
    return null;
  }
}

/** Collects what each rank of a numbered call says of it, once it is known that they differ. */
export class Dispute {
  readonly #reports = new Map<number, Report>();
  /** What a rank's messages say of its call, should it be too late for a report of its own. */
  readonly #suspected = new Map<number, Report>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** @param rank of the communicator */
  add(rank: number, report: Report): void {
    this.#reports.set(rank, report);
  }

  /** @param call of which a message of this rank was */
  suspect(rank: number, call: string): void {
    this.#suspected.set(rank, { call, site: null });
  }

  has(rank: number): boolean {
    return this.#reports.has(rank);
  }

  get isComplete(): boolean {
    return this.#reports.size === this.#size;
  }

  /** Ranks that say the same share a line. */
  conclude(number: number): MismatchError {
    const lines = new Map<string | null, number[]>();
    for (let rank = 0; rank < this.#size; rank++) {
      const report = this.#reports.get(rank) ?? this.#suspected.get(rank);
      const text = report ? textOf(report) : null;
      lines.set(text, [...(lines.get(text) ?? []), rank]);
    }
    const list = [...lines].map(([text, ranks]) => {
      const [who, has] = ranks.length > 1 ? ["ranks", "have"] : ["rank", "has"];
      return `  ${who} ${ranks.join(", ")}: ${text ?? `${has} not made this call`}`;
    });
    return new MismatchError(
      `the ranks differ in collective #${number}; every rank must make the same calls in the same order\n${list.join("\n")}`,
    );
  }
}

const textOf = ({ call, site }: Report): string =>
  site === null ? call : `${call} at ${site}`;
