import { createHash } from "node:crypto";
import { availableParallelism, cpus, hostname } from "node:os";
import { readEnvironment } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import { ownEngine } from "../engine-news";
import type { VariableLayout } from "../exchange/layout";
import type { Space } from "./space";

/** Of one rank. */
export interface Place {
  readonly host: string;
  readonly cpu: string;
  readonly cores: number;
  readonly engine: string;
}

/** What a choice is good for: anything else is another case, and is tuned anew. */
export interface Case {
  /** Of each host that the ranks run on, in the order of ranks. */
  readonly hosts: readonly (Place & { readonly ranks: number })[];
  readonly transport: string;
  readonly sharesMemory: boolean;
  /** Types and shapes of the variables. Names count up per process, and say nothing. */
  readonly layout: readonly string[];
  readonly space: Space;
}

export const ownPlace = (): Place => ({
  host: hostname(),
  cpu: cpus()[0]?.model ?? process.arch,
  cores: availableParallelism(),
  engine: ownEngine(),
});

/** @param places of all ranks */
export function caseOf(
  places: readonly Place[],
  layout: readonly VariableLayout[],
  space: Space,
): Case {
  return {
    hosts: hostMap(places),
    transport: readEnvironment(process.env).transport,
    sharesMemory: MPI.COMM_WORLD.sharesMemory,
    layout: layout.map(({ dtype, shape }) => `${dtype}[${shape.join(", ")}]`),
    space,
  };
}

/** Ranks of one host that follow each other and compute alike, counted. */
export function hostMap(places: readonly Place[]): Case["hosts"] {
  const hosts: { place: Place; ranks: number }[] = [];
  for (const place of places) {
    const last = hosts.at(-1);
    if (last && JSON.stringify(last.place) === JSON.stringify(place))
      last.ranks++;
    else hosts.push({ place, ranks: 1 });
  }
  return hosts.map(({ place, ranks }) => ({ ...place, ranks }));
}

/** The same text for the same case: 16 hexadecimal digits. */
export const digestOf = (one: Case): string =>
  createHash("sha256").update(JSON.stringify(one)).digest("hex").slice(0, 16);
