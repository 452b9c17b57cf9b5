import type { Calls } from "./bridge/calls";
import { theRuntime } from "./init";
import type { Request } from "./main-thread/request";

// What datasets ask of the coordinator. None of it is a collective, and none blocks: ranks need not be in step.

/** A split of a dataset for this rank; null: there is none any more. One at a time. */
export const askSplits = (
  question: Calls["askSplits"]["arguments"],
): Request<Calls["askSplits"]["result"]> =>
  theRuntime().request("askSplits", question, (answer) => answer);

/** The program of this rank has had these records. */
export const tellDelivered = (
  delivered: Calls["splitDelivered"]["arguments"],
): Request<void> =>
  theRuntime().request("splitDelivered", delivered, () => undefined);

/** The program of this rank takes no more of a pass. */
export const tellLeft = (
  pass: Calls["splitLeft"]["arguments"],
): Request<void> => theRuntime().request("splitLeft", pass, () => undefined);

/** What each rank has had of a pass, when all have said so; null for one that is gone. */
export const gatherAccounts = (
  own: Calls["account"]["arguments"],
): Request<Calls["account"]["result"]> =>
  theRuntime().request("account", own, (accounts) => accounts);

/**
 * Ranks that have ended without a word on what they had of a pass, of which this rank has not said that either. Nobody is asked where
 * all live.
 */
export async function absentRanks(
  pass: Calls["absent"]["arguments"],
): Promise<readonly number[]> {
  const runtime = theRuntime();
  runtime.progress();
  const { addresses, messages } = runtime;
  if (addresses.every(({ rank }) => messages.goneOf(rank) === null)) return [];
  return runtime.request("absent", pass, (ranks) => ranks);
}

/** Why a rank of this job is lost, if one is. */
export function lossOfRank(): Error | null {
  const runtime = theRuntime();
  runtime.progress();
  const { messages } = runtime;
  const [lost] = messages.failedRanks;
  return lost === undefined ? null : (messages.goneOf(lost)?.error ?? null);
}
