import type { RankMessage } from "@tsmpi/protocol";
import * as services from ".";

/** The compiler asks for a line here with every new message. */
const TYPES: Readonly<Record<RankMessage["type"], true>> = {
  join: true,
  heartbeat: true,
  memory: true,
  agree: true,
  leave: true,
  drained: true,
  failed: true,
  "stream-open": true,
  "stream-piece": true,
  "stream-end": true,
  "stream-taken": true,
  "stream-stop": true,
  "split-ask": true,
  "split-delivered": true,
  "split-leave": true,
  account: true,
  "absent-ask": true,
};

describe("The services", () => {
  it("handle every message of a rank, each in one place", () => {
    const handled = Object.values(services).flatMap(({ handles }) => handles);
    expect([...handled].sort()).toEqual(Object.keys(TYPES).sort());
  });
});
