import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import {
  type NetworkOptions,
  noNetwork,
  openNetwork,
} from "../support/network-hosts";
import { unless } from "../support/unless";

const LONG: NetworkOptions = { hosts: 3, delayMs: 50, lossPercent: 1 };
const PACKETS = 3_000;
/** How late the quickest may be where no process has a core to itself. */
const LATE_MS = 50;
const { suite } = unless(noNetwork(LONG), "tests of long lines are");

suite("a long line between hosts", () => {
  it.each([
    [LONG, 100, [30, 95]],
    [{ hosts: 3, delayMs: 5 }, 10, [0, 0]],
  ] as const)(
    "%j takes %i ms there and back, and loses what it is told to",
    async (options, tripMs, [least, most]) => {
      const network = openNetwork(options);
      try {
        const program = join(__dirname, "programs/echo.js");
        // A third one is there for the line to choose between.
        const [first, second] = network.hosts;
        const [ip, ...rest] = second!.command;
        const server = spawn(ip, [...rest, process.execPath, program, "serve"]);
        await once(server.stdout, "data");
        const [from, ...more] = first!.command;
        const found = JSON.parse(
          execFileSync(
            from,
            [
              ...[...more, process.execPath, program],
              ...[second!.address, String(PACKETS)],
            ],
            { encoding: "utf8" },
          ),
        ) as { readonly tripMs: number; readonly lost: number };
        server.kill("SIGKILL");
        expect(found.tripMs).toBeGreaterThanOrEqual(tripMs);
        expect(found.tripMs).toBeLessThan(tripMs + LATE_MS);
        // 1 % each way.
        expect(found.lost).toBeGreaterThanOrEqual(least);
        expect(found.lost).toBeLessThanOrEqual(most);
      } finally {
        network.close();
      }
    },
  );
});
