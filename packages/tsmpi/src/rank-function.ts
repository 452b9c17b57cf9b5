import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import {
  ArgumentError,
  decodeValue,
  encodeValue,
  TsmpiError,
} from "@tsmpi/protocol";
import {
  callFile,
  outcomeFile,
  type RankCall,
  type RankOutcome,
  type ThrownError,
} from "./rank-call";

type Module = Readonly<Record<string, unknown>> & {
  readonly default?: Readonly<Record<string, unknown>>;
};

/** The program of a rank that `runRanks` starts: calls one export of the user's module. */
async function main(): Promise<void> {
  const folder = process.env.TSMPI_CALL!;
  const file = process.argv[2]!;
  const tell = (outcome: RankOutcome) =>
    writeFileSync(
      outcomeFile(folder, Number(process.env.RANK)),
      encodeValue(outcome),
    );
  try {
    const { name, args } = decodeValue(
      readFileSync(callFile(folder)),
    ) as RankCall;
    const called = exportOf(await load(file), name, file);
    tell({ value: encodeValue(await called(...args)) });
  } catch (error) {
    tell({ error: describe(error) });
    // The launcher hears of it, and ends the others.
    throw error;
  }
}

const load = (file: string): Promise<Module> =>
  file.endsWith(".cts") || file.endsWith(".cjs")
    ? // eslint-disable-next-line @typescript-eslint/no-require-imports -- CommonJS by name
      Promise.resolve(require(file) as Module)
    : (import(pathToFileURL(file).href) as Promise<Module>);

/** A CommonJS module may have its exports in `default` only. */
function exportOf(
  module: Module,
  name: string,
  file: string,
): (...args: readonly unknown[]) => unknown {
  const all: Module = { ...module.default, ...module };
  const found = all[name];
  if (typeof found === "function") return found as () => unknown;
  const functions = Object.keys(all).filter(
    (key) => typeof all[key] === "function",
  );
  throw new ArgumentError(
    `${file} exports no function "${name}"; it exports ${functions.join(", ") || "none"}`,
  );
}

function describe(error: unknown): ThrownError {
  if (!(error instanceof Error))
    return { name: "Error", message: String(error), stack: "", code: null };
  const { name, message, stack = "" } = error;
  const { code } = error as { code?: unknown };
  const isKnown = error instanceof TsmpiError || typeof code === "string";
  return { name, message, stack, code: isKnown ? (code as string) : null };
}

void main();
