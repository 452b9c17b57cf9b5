// The cases of some modules, on all ranks together:  npx tsrun -n 3 test/conformance/program.mts p2p-obj status
// With --only=text those whose id contains the text; with --after=id those that follow it.
import { writeSync } from "node:fs";
import { MPI } from "tsmpi";
import { catalogue, type Entry } from "./catalogue.mts";
import type { Comm } from "./suite.mts";

/** Of every collective of a case: a rank that waits in vain ends, and says so. */
const CALL_MS = 8_000;

/** Above that. */
const MEET_MS = 15_000;

/** A stack of a check is long; its head says where. */
const MAX_TEXT = 4_000;

const options = process.argv.slice(2).filter((arg) => arg.startsWith("--"));
const modules = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const option = (name: string): string | undefined =>
  options.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);

const all = await catalogue(modules);
const first = all.findIndex(({ id }) => id === option("after")) + 1;
const entries = all
  .slice(first)
  .filter(({ id }) => id.includes(option("only") ?? ""));

const { rank } = MPI.COMM_WORLD;
let world = MPI.COMM_WORLD;
let self = MPI.COMM_SELF;
// Ranks meet here between cases: what a failed case leaves behind is elsewhere.
const control = separate(MPI.COMM_WORLD);
control.timeoutMs = MEET_MS;
MPI.COMM_WORLD.timeoutMs = CALL_MS;
MPI.COMM_SELF.timeoutMs = CALL_MS;

for (const entry of entries) {
  const startMs = performance.now();
  if (rank === 0) tell({ begins: entry.id });
  const failure = await attempt(entry);
  const failures = control
    .allgather(failure)
    .flatMap((text, index) => (text === null ? [] : [{ rank: index, text }]));
  if (rank === 0)
    tell({ ends: entry.id, ms: performance.now() - startMs, failures });
  // A rank that failed may have left messages, or left out calls that the others made; the next cases begin anew.
  if (failures.length > 0) {
    world = separate(control);
    world.timeoutMs = CALL_MS;
    self = separate(MPI.COMM_SELF);
  }
}
if (rank === 0) tell({ done: true });

/** How this rank failed, or null. */
async function attempt({ comm: name, body }: Entry): Promise<string | null> {
  let comm: Comm = name?.startsWith("WORLD") ? world : self;
  try {
    if (name?.endsWith(".Dup")) comm = comm.Dup();
    await body({ comm, rank: comm.rank, size: comm.size });
    if (name?.endsWith(".Dup") && !comm.isNull) comm.Free();
    return null;
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? "") : String(error);
    tell({ fails: text.slice(0, MAX_TEXT) });
    // Peers that wait for this rank's messages need not wait in vain.
    if (name?.endsWith(".Dup") && !comm.isNull) comm.Revoke();
    return text.slice(0, MAX_TEXT);
  }
}

/** The same ranks apart from it; itself if Dup is what fails, which the cases about Dup tell. */
function separate(comm: Comm): Comm {
  try {
    return comm.Dup();
  } catch {
    return comm;
  }
}

/** At once, whatever this thread does next. */
function tell(message: object): void {
  writeSync(1, `${JSON.stringify({ rank, ...message })}\n`);
}
