import { GroupError } from "@tsmpi/protocol";
import { shadowContext } from "../../bridge/calls";
import { encoded, messageCall, type Received, valueTarget } from "../payloads";
import { Request } from "../request";
import type { CommunicatorState } from "./state";

interface GroupCall {
  /** World ranks; this one is among them. */
  readonly group: readonly number[];
  /** Keeps calls of one communicator apart. */
  readonly tag: number;
  readonly timeoutMs: number;
}

/** What the first rank of a group tells the others. */
interface Offer {
  readonly number: number;
  readonly group: readonly number[];
}

/**
 * The number of a new communicator for a group, without the other ranks of the old one: its first rank tells the others.
 *
 * @throws {GroupError} the ranks make communicators of different groups
 */
export const agreeOnNumber = (
  state: CommunicatorState,
  call: GroupCall,
): number =>
  call.group[0] === state.runtime.environment.rank
    ? tell(state, call)
    : hear(state, call);

function tell(
  { runtime, context: old }: CommunicatorState,
  { group, tag }: GroupCall,
): number {
  const context = shadowContext(old);
  const number = runtime.nextContextNumber();
  const bytes = encoded({ number, group } satisfies Offer);
  for (const dest of group.slice(1)) {
    const call = messageCall(null, 1);
    const synchronous = false;
    runtime.messages.send({ dest, context, tag, call, bytes, synchronous });
  }
  return number;
}

function hear(
  { runtime, context, group: old }: CommunicatorState,
  { group, tag, timeoutMs }: GroupCall,
): number {
  const operation = runtime.messages.receive(
    shadowContext(context),
    { source: group[0]!, tag },
    valueTarget<Offer>(old),
  );
  const { value } = new Request({
    pending: runtime.pending(operation),
    finish: (received: Received<Offer>) => received,
    timeoutMs,
  }).wait();
  if (value.group.join() !== group.join())
    throw new GroupError(
      `rank ${group[0]} of COMM_WORLD makes a communicator of the ranks ${value.group.join(", ")}, this rank one of ${group.join(", ")}`,
    );
  return value.number;
}
