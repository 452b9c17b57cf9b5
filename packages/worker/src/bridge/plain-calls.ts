import {
  callCode,
  callFromCode,
  type ReduceCall,
  reduceOpCode,
  reduceOpFromCode,
} from "@tsmpi/collective";
import { dtypeCode, dtypeFromCode, dtypeOf, viewAs } from "@tsmpi/protocol";
import type { SharedMemory } from "./arena";
import { bufferOf, type CallName, type Calls } from "./calls";

/** Calls whose arguments are a handful of numbers. */
const PLAIN_CALLS = [
  "allreduce",
  "reduce",
  "scan",
  "exscan",
  "barrier",
] as const satisfies readonly CallName[];
type PlainName = (typeof PLAIN_CALLS)[number];

/** A call of the main thread that passes the ring, and no message between threads: those cost more than a short call itself. */
export interface PlainCall {
  readonly id: number;
  readonly name: PlainName;
  readonly arguments: Calls[PlainName]["arguments"];
  /** Where in the arena its `buffer` lies; null: it has none. */
  readonly place: number | null;
}

/** In the ring to the communication thread, in place of the rank that a frame goes to. */
export const CALL_RECORD = 0xffffffff;

/** u8 name, collective, dtype, op, dtype of the buffer, 3 bytes; f64 id, context, number, timeoutMs, root, count, place, elements. */
export const PLAIN_CALL_BYTES = 72;
const NONE = -1;

/** The same call as one that can pass the ring; null if it cannot. @param place of its buffer in the arena */
export function asPlainCall(
  id: number,
  name: CallName,
  args: Calls[CallName]["arguments"],
  place: number | null,
): PlainCall | null {
  if (!PLAIN_CALLS.includes(name as PlainName)) return null;
  const plain = args as Calls[PlainName]["arguments"];
  if (plain.call.rest !== undefined || plain.call.op === "user") return null;
  if (place === null && name !== "barrier") return null;
  if ("manner" in plain && (plain.manner.compressed || plain.manner.algorithm))
    return null;
  return { id, name: name as PlainName, arguments: plain, place };
}

export function encodePlainCall(
  record: Uint8Array,
  { id, name, arguments: args, place }: PlainCall,
): void {
  const { context, number, timeoutMs, call } = args;
  const { dtype = null, op = null, root = null, count = NONE } = call;
  const buffer = bufferOf(args);
  const view = new DataView(record.buffer, record.byteOffset, PLAIN_CALL_BYTES);
  view.setUint8(0, PLAIN_CALLS.indexOf(name));
  view.setUint8(1, callCode(call.name));
  view.setUint8(2, dtypeCode(dtype));
  view.setUint8(3, op === null || op === "user" ? 0 : reduceOpCode(op));
  view.setUint8(4, dtypeCode(buffer && dtypeOf(buffer)));
  view.setFloat64(8, id, true);
  view.setFloat64(16, context, true);
  view.setFloat64(24, number, true);
  view.setFloat64(32, timeoutMs, true);
  view.setFloat64(40, root ?? NONE, true);
  view.setFloat64(48, count, true);
  view.setFloat64(56, place ?? NONE, true);
  view.setFloat64(64, buffer?.length ?? 0, true);
}

/** @param arena as this thread sees it */
export function decodePlainCall(
  record: Uint8Array,
  arena: SharedMemory,
): PlainCall {
  const view = new DataView(record.buffer, record.byteOffset, PLAIN_CALL_BYTES);
  const [root, place] = [view.getFloat64(40, true), view.getFloat64(56, true)];
  const bufferDtype = dtypeFromCode(view.getUint8(4));
  const args = {
    context: view.getFloat64(16, true),
    number: view.getFloat64(24, true),
    timeoutMs: view.getFloat64(32, true),
    call: {
      name: callFromCode(view.getUint8(1)),
      dtype: dtypeFromCode(view.getUint8(2)),
      op: reduceOpFromCode(view.getUint8(3)),
      root: root === NONE ? null : root,
      count: view.getFloat64(48, true),
    } as ReduceCall & { readonly root: number },
    buffer:
      bufferDtype &&
      viewAs(bufferDtype, arena.buffer, place, view.getFloat64(64, true)),
    manner: WITHOUT,
  };
  return {
    id: view.getFloat64(8, true),
    name: PLAIN_CALLS[view.getUint8(0)]!,
    arguments: args,
    place: place === NONE ? null : place,
  };
}

/** Neither compression nor an algorithm of its own. */
const WITHOUT = {} as const;
