import { CommunicatorError, readEnvironment } from "@tsmpi/protocol";
import type { Crew } from "./crew";
import { LocalCrew } from "./local-crew";

/** What this process is to pools: decided before the program begins, or by `RankPool.over`. */
type Role =
  | { readonly type: "none" }
  /** `tsrun -m futures`, rank 0: all its pools share the other ranks. */
  | { readonly type: "master"; readonly crew: Crew }
  /** It runs tasks. */
  | { readonly type: "worker"; readonly isProgram: boolean };

let role: Role = { type: "none" };
let local: LocalCrew | null = null;

/** The other ranks serve all pools of this process from now on. */
export function shareCrew(crew: Crew): void {
  role = { type: "master", crew };
}

/** Whether the other ranks serve, since the job was started so. */
export const sharedCrew = (): Crew | null =>
  role.type === "master" ? role.crew : null;

/** From now on this process runs tasks, for as long as `serving` takes. @param isProgram it does nothing else */
export async function asWorker(
  isProgram: boolean,
  serving: () => Promise<void>,
): Promise<void> {
  const before = role;
  role = { type: "worker", isProgram };
  try {
    await serving();
  } finally {
    role = before;
  }
}

/** This process only runs tasks, and whatever it loads besides was loaded for them. */
export const isPoolWorker = (): boolean =>
  role.type === "worker" && role.isProgram;

/** @param rank for people */
export const localCrew = (rank: number): LocalCrew =>
  (local ??= new LocalCrew(rank));

/**
 * Who runs the tasks of a new pool.
 *
 * @throws {CommunicatorError} nobody can: every rank runs this program, or this one runs tasks itself
 */
export function crewForPools(): Crew {
  switch (role.type) {
    case "master":
      return role.crew;
    case "worker":
      throw new CommunicatorError(
        role.isProgram
          ? "this rank runs the tasks of pools and cannot have one of its own; in a program that workers load for its functions put the main part behind `if (MPI.COMM_WORLD.rank === 0)`"
          : "this rank runs the tasks of a pool and cannot have one of its own",
      );
    case "none": {
      const { size } = readEnvironment(process.env);
      if (size === 1) return localCrew(0);
      throw new CommunicatorError(
        `all ${size} ranks run this program, so none is there to run the tasks of a pool; start it with tsrun -n ${size} -m futures, or write RankPool.over(comm, root, async (pool) => …)`,
      );
    }
  }
}
