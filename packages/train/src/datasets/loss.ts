import { lossOfRank } from "@tsmpi/worker";

/** A rank that is lost takes its share of the records along: nobody can go on as if it had had them. @throws {ProcessFailedError} */
export function throwLoss(): void {
  const loss = lossOfRank();
  if (loss !== null) throw loss;
}
