import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "../support/launch";
import { noNetwork, openNetwork } from "../support/network-hosts";
import { unless } from "../support/unless";

const FAR = { hosts: 2, delayMs: 150 };
const { suite } = unless(noNetwork(FAR), "tests of agents far away are");

const env = { TSMPI_JOB_KEY: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" };
const LINES = 20_000;

suite("an agent 0.3 s away", () => {
  test("loses nothing of what its jobs print last, and hears of their end", async () => {
    const network = openNetwork(FAR);
    const [here, there] = network.hosts;
    const agent = start({
      ...{ command: there!.command, env },
      args: ["agent", "--join", `${here!.address}:29400`, "--slots", "2"],
    });
    try {
      for (let job = 0; job < 2; job++) {
        const lines = join(__dirname, "../launcher/programs/lines.js");
        const { exitCode, stdout, stderr } = await start({
          ...{ command: here!.command, env },
          args: ["--agents", "29400", "-n", "2", lines, String(LINES)],
        }).done;
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
        for (const rank of [0, 1])
          expect(
            stdout
              .split("\n")
              .filter((line) => line.startsWith(`rank ${rank} `)),
          ).toEqual([
            ...Array.from(
              { length: LINES },
              (_, i) => `rank ${rank} line ${i}`,
            ),
            `rank ${rank} last`,
          ]);
      }
      const twice = /(has ended its job; waiting for the next job\n[^]*){2}/;
      for (let tries = 0; tries < 100 && !twice.test(agent.said()); tries++)
        await sleep(50);
      expect(agent.said()).toMatch(twice);
    } finally {
      agent.process.kill("SIGTERM");
      await agent.done;
      network.close();
    }
  }, 60_000);
});
