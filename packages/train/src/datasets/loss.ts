import type { EpochPlan } from "@tsmpi/data";
import { ProcessFailedError } from "@tsmpi/protocol";
import { absentRanks, lossOfRank } from "@tsmpi/worker";
import type { SharedDataset } from "./mode";

/** A rank that is lost takes its share of the records along: nobody can go on as if it had had them. @throws {ProcessFailedError} */
export function throwLoss(): void {
  const loss = lossOfRank();
  if (loss !== null) throw loss;
}

/**
 * The same of an epoch that this rank is through with, also of ranks that have ended in good order, but in the middle of it, or
 * before.
 *
 * @throws {ProcessFailedError}
 */
export async function assertAllTakePart(
  { number: dataset, catalogue }: SharedDataset,
  { pass, plan }: { readonly pass: number; readonly plan: EpochPlan },
): Promise<void> {
  throwLoss();
  const absent = await absentRanks({ dataset, pass });
  if (absent.length === 0) return;
  const who = `rank${absent.length > 1 ? "s" : ""} ${absent.join(", ")}`;
  const [first, ...others] = catalogue.files;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  throw new ProcessFailedError(
    `${who} ended before epoch ${plan.epoch} of ${first!.path}${more} was over, and nobody had the records that were left for ${absent.length > 1 ? "them" : "it"}; every rank must go through each epoch, or use mode "dynamic", in which others take over what is left`,
    absent,
  );
}
