import { type MessagePort, workerData } from "node:worker_threads";
import { findFunction, type FunctionReference } from "@tsmpi/protocol";
import { isPromise } from "../is-promise";
import { buffersOf, pack, type Packed, unpack } from "./pack";
import { errorToThread, type ThreadError } from "./thread-error";

/** What a thread of `map` is told. */
export interface MapWork {
  /** Of this piece of work; they count up. */
  readonly number: number;
  readonly items: Packed;
}

/** What it answers: in the same order. */
export interface MapAnswer {
  readonly number: number;
  readonly result:
    | { readonly items: Packed }
    /** `item`: which of them; null: none, the function was not found. */
    | { readonly failed: ThreadError; readonly item: number | null };
}

const { port, setUp } = workerData as {
  readonly port: MessagePort;
  readonly setUp: FunctionReference;
};

const found = findFunction(setUp, null);
// Who works with it hears of it.
found.catch(() => {});

let turn: Promise<void> = Promise.resolve();
port.on("message", (work: MapWork) => {
  turn = turn.then(() => run(work));
});

async function run({ number, items }: MapWork): Promise<void> {
  let item: number | null = null;
  try {
    const fn = (await found) as (item: unknown) => unknown;
    const values = unpack(items);
    for (item = 0; item < values.length; item++) {
      const value = fn(values[item]);
      values[item] = isPromise(value) ? await value : value;
    }
    item = null;
    const packed = pack(values);
    const answer: MapAnswer = { number, result: { items: packed } };
    port.postMessage(answer, buffersOf(packed));
  } catch (error) {
    const failed = errorToThread(error);
    port.postMessage({ number, result: { failed, item } } satisfies MapAnswer);
  }
}
