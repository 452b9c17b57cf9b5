import { isDeepStrictEqual } from "node:util";
import { createLog, type RankMessage } from "@tsmpi/protocol";
import { loadControl, onePort, plain } from "@tsmpi/transport";

afterAll(async () => (await loadControl()).closeThreadSockets());

const log = createLog({
  ...{ where: "test", level: "warn" },
  write: (line) => {
    throw new Error(line);
  },
});

describe("control messages", () => {
  it("may be longer than a frame: accounts of a million runs, to the coordinator and back, and those behind them", async () => {
    const runs = Array.from({ length: 2e6 }, (_, i) => 3 * i);
    const account = { epoch: 1, records: 3e6, fed: { 0: runs } };
    const said: RankMessage[] = [
      { type: "account", dataset: 0, pass: 1, account },
      { type: "stream-piece", stream: "s", dest: 2, more: false },
      { type: "heartbeat" },
    ];
    const bytes = Buffer.alloc(2 << 20, 7);
    const control = await loadControl();
    const credentials = plain("the key of this job");
    const heard: unknown[] = [];
    const server = await control.listenControl({
      ...{ host: "127.0.0.1", addresses: ["127.0.0.1"], ports: onePort(0) },
      ...{ credentials, log },
      onMessage(rank, message, payload) {
        heard.push([message, payload]);
        if (message.type === "heartbeat")
          void server.send(rank, {
            ...{ type: "accounted", dataset: 0, pass: 1 },
            accounts: [account, null, account],
          });
      },
    });
    const answer = await new Promise((resolve, reject) => {
      void control
        .connectControl({
          ...{ rank: 1, host: "localhost", address: "127.0.0.1" },
          ...{ port: server.port, credentials, connectTimeoutMs: 1_000 },
          isListening: true,
          onRefused: reject,
          onUnreachable: (why) => reject(new Error(why)),
          onMessage: resolve,
        })
        .then(async (client) => {
          await client.send(said[0]!);
          await client.send(said[1]!, bytes);
          await client.send(said[2]!);
        }, reject);
    });
    // Jest compares millions of numbers for a quarter of a minute.
    const wanted = [
      [said[0], null],
      [said[1], bytes],
      [said[2], null],
    ];
    expect(isDeepStrictEqual(heard, wanted)).toBe(true);
    const accounted = { type: "accounted", dataset: 0, pass: 1 };
    const accounts = [account, null, account];
    expect(isDeepStrictEqual(answer, { ...accounted, accounts })).toBe(true);
    server.close();
  });
});
