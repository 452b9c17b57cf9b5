import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** @returns the names of what was there and is gone */
export async function removeEngines(cache: string): Promise<string[]> {
  const names = await readdir(cache).catch(() => []);
  const ours = names.filter((name) =>
    /^(tensorflow-|\.setup-|downloads$)/.test(name),
  );
  for (const name of ours)
    await rm(join(cache, name), { recursive: true, force: true });
  return ours;
}
