import { readEnvironment } from "@tsmpi/protocol";
import { tellLauncher } from "@tsmpi/worker";
import { notice, warn } from "../log";
import { ALONE, NO_STEP } from "./report";

/** Of a training whose tuning has begun: what to say if the program ends now; null: nothing. */
type LastWord = () => string | null;

let isWatched = false;
const begun: LastWord[] = [];

/** Something is distributed that is to be tuned: rank 0 says at the end of the program if that came to nothing. */
export function watchTuning(): void {
  const { rank, size } = readEnvironment(process.env);
  if (isWatched || rank !== 0) return;
  isWatched = true;
  tellLauncher({ type: "autotune" });
  process.once("exit", (exitCode) => {
    // Of a program that failed there is worse to tell.
    if (exitCode !== 0) return;
    if (size === 1) notice(ALONE);
    else if (begun.length === 0) warn(NO_STEP);
    for (const lastWord of begun) {
      const text = lastWord();
      if (text !== null) warn(text);
    }
  });
}

export const tuningBegins = (lastWord: LastWord): void =>
  void begun.push(lastWord);
