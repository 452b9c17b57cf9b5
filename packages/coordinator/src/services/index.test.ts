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
  "scatter-open": true,
  "scatter-chunk": true,
  "scatter-stored": true,
};

describe("The services", () => {
  it("handle every message of a rank, each in one place", () => {
    const handled = Object.values(services).flatMap(({ handles }) => handles);
    expect([...handled].sort()).toEqual(Object.keys(TYPES).sort());
  });
});
