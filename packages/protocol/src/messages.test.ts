import { isRankMessage } from "./messages";

const address = {
  rank: 0,
  endpoint: "ipc://x",
  host: "a",
  pid: 1,
  machine: "m",
  share: null,
};

describe("isRankMessage", () => {
  it.each([
    [{ type: "join", version: 1, size: 2, address }],
    [{ type: "heartbeat" }],
    [{ type: "memory", residentBytes: 1 }],
    [{ type: "leave", sent: [0, 1] }],
    [{ type: "stream-piece", stream: "s", dest: 1, more: false }],
  ])("takes %j", (message) => {
    expect(isRankMessage(message)).toBe(true);
  });

  it.each([
    [null],
    [7],
    [[]],
    [{}],
    [{ type: "welcome", addresses: [] }],
    [{ type: "toString" }],
    [{ type: "join" }],
    [{ type: "join", version: 1, size: 2, address: null }],
    [{ type: "leave", sent: 3 }],
    [{ type: "drained", rank: "1" }],
  ])("refuses %j", (message) => {
    expect(isRankMessage(message)).toBe(false);
  });
});
