import { MPI } from "tsmpi";
import { equal, isTrue } from "../check.mts";
import type { Comm } from "../suite.mts";
import type { Dice } from "./dice.mts";

export type AnyRequest = InstanceType<typeof MPI.Request<unknown>>;

/** A call that is under way. */
export interface Pending {
  readonly text: string;
  readonly request: AnyRequest;
  readonly check: (result: unknown) => void;
}

/** One rank in the middle of a sequence. */
export interface Player {
  /** In the world. */
  readonly rank: number;
  /** In the order in which they were made, with null where this rank is no member, or not any more. */
  readonly comms: (Comm | null)[];
  readonly pending: Pending[];
  /** This rank's own: how it waits, and for how long it dawdles. Others do it otherwise. */
  readonly dice: Dice;
}

/** Completes what is under way, in one of the ways there are. */
export async function settle({ pending, dice }: Player): Promise<void> {
  const calls = dice.shuffled(pending.splice(0));
  if (calls.length === 0) return;
  const requests = calls.map(({ request }) => request);
  switch (dice.below(6)) {
    case 0:
      for (const call of calls) complete(call, call.request.wait());
      return;
    case 1:
      for (const call of calls) complete(call, await call.request);
      return;
    case 2:
      for (const call of calls) complete(call, tested(call.request));
      return;
    case 3: {
      const results = MPI.Request.waitall(requests);
      calls.forEach((call, at) => complete(call, results[at]));
      return;
    }
    case 4: {
      const results = await Promise.all(requests);
      calls.forEach((call, at) => complete(call, results[at]));
      return;
    }
    default:
      for (const _ of calls) {
        const [at, result] = MPI.Request.waitany(requests);
        complete(calls[at]!, result);
      }
      equal(MPI.Request.waitany(requests), [MPI.UNDEFINED, null]);
  }
}

function complete({ text, request, check }: Pending, result: unknown): void {
  isTrue(request.isNull, `${text}: the request is left behind`);
  try {
    check(result);
  } catch (error) {
    throw new Error(`${text}: ${(error as Error).message}`, { cause: error });
  }
}

function tested(request: AnyRequest): unknown {
  for (;;) {
    const [flag, result] = request.test();
    if (flag) return result;
  }
}

/** Comes late, or not. */
export function dawdle({ dice }: Player): void {
  if (!dice.chance(0.05)) return;
  const untilMs = performance.now() + 3 * dice.below(2);
  while (performance.now() < untilMs);
}
