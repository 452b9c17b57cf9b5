import type { Body, CaseModule, CommName } from "./suite.mts";

/** One case on one communicator. */
export interface Entry {
  /** Unique over all modules; the name of its test. */
  readonly id: string;
  readonly comm: CommName | null;
  readonly body: Body;
}

/** All cases of these modules (names of files in `cases/`), in order. */
export async function catalogue(modules: readonly string[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const module of modules) {
    const { suites } = (await import(`./cases/${module}.mts`)) as CaseModule;
    for (const { name, comms = [null], cases } of suites)
      for (const comm of comms)
        for (const [sentence, body] of Object.entries(cases)) {
          const where = comm === null ? "" : ` on ${comm}`;
          const id = `${module}: ${name}${where}: ${sentence}`;
          entries.push({ id, comm, body });
        }
  }
  const twice = entries.find(
    ({ id }, index) => entries.findIndex((other) => other.id === id) !== index,
  );
  if (twice) throw new Error(`there are two cases "${twice.id}"`);
  return entries;
}
