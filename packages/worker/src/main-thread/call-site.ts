import { join } from "node:path";

/** Frames inside this package tell a user nothing. */
const OWN_FRAMES = join(__dirname, "../..");

const framesOf = (error: Error): string[] => {
  const [, ...frames] = error.stack?.split("\n") ?? [];
  return frames.filter((frame) => !frame.includes(OWN_FRAMES));
};

/** Lets the error's stack begin at the user's call, which `site` was made in. */
export function raisedAt(site: Error, error: Error): Error {
  error.stack = [`${error.name}: ${error.message}`, ...framesOf(site)].join(
    "\n",
  );
  return error;
}

/** `/home/me/train.ts:12:8`: where the user's program made the call in which `site` was made. */
export const placeOf = (site: Error): string | null =>
  /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(
    framesOf(site)[0] ?? "",
  )?.[1] ?? null;
