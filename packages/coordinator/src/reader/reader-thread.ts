import { parentPort } from "node:worker_threads";
import { Reader } from "./reader";
import type { ReaderMessage, ToReader } from "./reader-contract";

// The entry of the thread that reads files for all ranks, in the process of rank 0.
const reader = new Reader((message, payload) =>
  parentPort!.postMessage({ message, payload } satisfies ReaderMessage),
);
parentPort!.on("message", (message: ToReader) => reader.take(message));
