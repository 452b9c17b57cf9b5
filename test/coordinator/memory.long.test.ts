import { launch } from "../support/launch";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test("a rank whose memory grows for a minute is named at the root, others are not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-memory-"));
  const program = join(folder, "grow.js");
  writeFileSync(
    program,
    `const { MPI } = require(${JSON.stringify(require.resolve("tsmpi"))});
     const kept = [];
     const end = setInterval(() => {
       if (MPI.COMM_WORLD.rank === 1) kept.push(Buffer.alloc(4_000_000, 1));
     }, 1_000);
     setTimeout(() => { clearInterval(end); MPI.COMM_WORLD.barrier(); }, 85_000);`,
  );
  try {
    const { exitCode, stderr } = await launch({
      args: ["-n", "2", program],
      timeoutMs: 120_000,
    });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^tsmpi warn \[coordinator\] rank 1 \(host \S+, pid \d+\): resident memory grows steadily, from \d+ to \d+ MiB in \d+ s/,
    );
    expect(stderr.trim().split("\n")).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
