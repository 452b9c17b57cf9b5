import type { AlgorithmOf, Collective } from "./algorithm";
import type { Hosts } from "./hosts";
import {
  algorithmNamed,
  type AlgorithmName,
  groupedNamed,
  isGrouped,
  type Wanted,
} from "./registry";
import { select, type SelectCall } from "./select";

/** Algorithms that the user forces, by collective; `auto` and what is left out are chosen here. */
export type Forced = {
  readonly [Which in Collective]?: Wanted<Which>;
};

export type Run = {
  readonly [Which in Collective]: AlgorithmOf<Which>["run"];
};

/** What is known of a call before it begins, the same on every rank. */
export interface CallFacts {
  readonly size: number;
  /** Of the buffer or block; null where ranks differ in it. */
  readonly bytes: number | null;
  readonly needsRankOrder: boolean;
  readonly forced: Forced;
  /** Left out where all ranks run on one host. */
  readonly hosts?: Hosts;
}

export function runOf<Which extends Collective>(
  collective: Which,
  { forced, hosts, ...facts }: CallFacts,
): Run[Which] {
  const wanted = forced[collective] ?? "auto";
  const call = { ...facts, wanted, hosts: hosts?.ranks };
  const { name } = select(collective, call as unknown as SelectCall<Which>);
  if (!isGrouped(collective, name))
    return algorithmNamed(collective, name as AlgorithmName<Which>).run;
  const run: Run["allreduce"] = (channel, buffer, reduce) =>
    groupedNamed(collective, name).run(channel, buffer, reduce, hosts!);
  return run as Run[Which];
}

/** Whether a call whose ranks share memory is made there. @param wanted of the user; default: auto */
export function isDirect<Which extends Collective>(
  collective: Which,
  wanted: Wanted<Which> = "auto",
): boolean {
  const call = {
    wanted,
    sharesMemory: true,
    // What else is known of the call tells algorithms apart that send messages.
    size: 2,
    bytes: 0,
    needsRankOrder: false,
  };
  return (
    select(collective, call as unknown as SelectCall<Which>).name === "direct"
  );
}
