import { attempt } from "./commands.ts";
import type { Outcome } from "./suites.ts";

/** Hosts are network namespaces; jest counts, and says why it skips. */
export async function run(): Promise<Outcome> {
  const { code } = await attempt("npx", ["jest", "test/hosts"], {
    timeoutMs: 900_000,
    isShown: true,
  });
  return { passed: Number(code === 0), failed: Number(code !== 0) };
}
