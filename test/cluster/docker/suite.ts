import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checks } from "../checks.ts";
import { beginCleaning } from "../commands.ts";
import type { Outcome } from "../suites.ts";
import { openBaseImage } from "./base-image.ts";
import { checkCompose } from "./check-compose.ts";
import { type Daemon, openDaemon } from "./daemon.ts";
import { Project } from "./project.ts";
import { findCompose, installTools } from "./tools.ts";

/** The repository's docker-compose.yml and Dockerfiles, run as a user runs them, on a daemon of this suite's own. */
export async function run(): Promise<Outcome> {
  if (process.platform !== "linux") return { skipped: "it needs Linux" };
  if (process.getuid?.() !== 0)
    return { skipped: "only root starts a docker daemon" };
  const why = await installTools();
  if (why !== null) return { skipped: why };
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-docker-"));
  // Latest first.
  const closes: (() => Promise<void> | void)[] = [
    () => rmSync(folder, { recursive: true, force: true }),
  ];
  try {
    const daemon = await openDaemon(join(folder, "daemon")).catch(
      ({ message }: Error) => message,
    );
    if (typeof daemon === "string") return { skipped: daemon };
    closes.unshift(() => daemon.close());
    return await runOn(daemon, { folder, closes });
  } finally {
    beginCleaning();
    for (const close of closes) await close();
  }
}

async function runOn(
  daemon: Daemon,
  {
    folder,
    closes,
  }: {
    readonly folder: string;
    readonly closes: (() => Promise<void> | void)[];
  },
): Promise<Outcome> {
  const checks = new Checks();
  const hasBase = await checks.check("the base image is there", async () => {
    const base = await openBaseImage(daemon, join(folder, "base"));
    closes.unshift(() => base.close());
    return base.origin;
  });
  if (!hasBase) return checks.outcome;
  const compose = await findCompose();
  const project = new Project(daemon, compose!, "tsmpi-test");
  const down = async (): Promise<void> =>
    void (await project.compose(["--profile", "gpu", "down", "--volumes"]));
  closes.unshift(down);
  await checkCompose(checks, project);
  return checks.outcome;
}
