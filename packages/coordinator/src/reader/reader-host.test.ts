import { EventEmitter } from "node:events";
import type { Worker } from "node:worker_threads";
import { run } from "../service";
import { streams } from "../services/streams";
import { READER, type ReaderOrder } from "./reader-contract";
import { ReaderHost } from "./reader-host";

class FakeThread extends EventEmitter {
  readonly heard: unknown[] = [];
  readonly postMessage = (message: unknown) => void this.heard.push(message);
}

const threads: FakeThread[] = [];
jest.mock("node:worker_threads", () => ({
  Worker: function (): Worker {
    threads.push(new FakeThread());
    return threads.at(-1) as unknown as Worker;
  },
}));
beforeEach(() => void (threads.length = 0));

const JOB = { size: 3, startTimeoutMs: 1, heartbeatTimeoutMs: 1 };
const catalogue = { type: "catalogue", dataset: 0 } as ReaderOrder;
const read = (stream: string): ReaderOrder => ({
  ...{ type: "read", dataset: 0, stream, dests: [0, 1, 2] },
  plan: { epoch: 0, seed: 0, isShuffled: false, seen: {}, waits: true },
  ...{ partition: { by: "block" }, remainder: "uneven" },
});

/** A host whose words go to the service for streams, and what that sends to whom. */
function started() {
  const service = run(streams, JOB);
  const sent: unknown[] = [];
  const ends: string[] = [];
  const host = new ReaderHost(
    ({ message, payload }) => {
      const event = {
        type: "message",
        rank: READER,
        message,
        payload,
      } as const;
      for (const effect of service.step(event, 0).effects)
        if (effect.type === "send" && effect.to === READER)
          host.send(effect.message);
        else if (effect.type === "send") sent.push([effect.to, effect.message]);
    },
    (why) => ends.push(why),
  );
  return { host, sent, ends };
}

describe("the thread that reads files", () => {
  it("is told what to read, and then what the ranks have room for", () => {
    const { host } = started();
    host.send(catalogue);
    host.send(read("a"));
    expect(threads).toHaveLength(1);
    expect(threads[0]!.heard).toEqual([
      ...[catalogue, read("a")],
      ...[0, 1, 2].map((dest) => ({
        ...{ type: "stream-credit", stream: "a", dest, pieces: 4 },
      })),
    ]);
  });

  it("ends its streams on all ranks with its error when it dies, also before it has said anything", () => {
    const { host, sent, ends } = started();
    host.send(read("a"));
    threads[0]!.emit("error", new Error("out of memory"));
    threads[0]!.emit("exit", 1);
    const error = {
      code: "ERR_DATA",
      message:
        "the thread of rank 0 that reads files for all ranks ended: out of memory",
    };
    expect(sent).toEqual(
      [0, 1, 2].map((to) => [to, { type: "stream-end", stream: "a", error }]),
    );
    expect(ends).toEqual(["out of memory"]);
  });

  it("has a successor for what is read next, which knows the datasets", () => {
    const { host, sent } = started();
    host.send(catalogue);
    host.send(read("a"));
    threads[0]!.emit("error", new Error("out of memory"));
    host.send(read("b"));
    // It comes late.
    threads[0]!.emit("exit", 1);
    expect(threads[1]!.heard.slice(0, 2)).toEqual([catalogue, read("b")]);
    expect(sent).toHaveLength(3);
  });
});
