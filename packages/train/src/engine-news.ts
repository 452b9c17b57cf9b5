import { loadEngine, onEngineLoaded, type Engine } from "@tsmpi/engine";
import { readEnvironment } from "@tsmpi/protocol";
import { tellLauncher } from "@tsmpi/worker";
import { notice, warn } from "./log";

/** The launcher hears which engine computes; on rank 0 of a job people do, and what would bring a faster one. */
export function announceEngine(): void {
  onEngineLoaded((engine) => {
    const { name, device, version } = engine;
    tellLauncher({ type: "engine", name, device, version });
    const isJob = process.env.RANK !== undefined;
    if (isJob && readEnvironment(process.env).rank === 0)
      notice(
        `engine ${describe(engine)}${engine.faster === null ? "" : `; ${engine.faster}`}`,
      );
  });
}

/** What ranks tell each other. */
export const ownEngine = (): string => describe(loadEngine());

const describe = ({ name, device, version }: Engine): string =>
  `${name} ${version} on ${device === "gpu" ? "GPU" : "CPU"}`;

let hasWarned = false;

/** Ranks on different engines train correctly, but wait for the slowest, and round differently before gradients are averaged. */
export function warnOfDifferentEngines(
  rank: number,
  engines: readonly string[],
): void {
  if (hasWarned || rank !== 0) return;
  const kinds = [...new Set(engines)];
  if (kinds.length === 1) return;
  hasWarned = true;
  const who = kinds.map((kind) => {
    const ranks = engines.flatMap((engine, of) =>
      engine === kind ? [of] : [],
    );
    return `rank${ranks.length === 1 ? "" : "s"} ${ranks.join(", ")}: ${kind}`;
  });
  warn(
    `ranks compute on different engines, and all wait for the slowest (${who.join("; ")}); tsrun --engine and --device force one`,
  );
}
