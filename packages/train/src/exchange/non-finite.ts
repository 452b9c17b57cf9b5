import type { WantedCompression } from "@tsmpi/worker";

/** What users read where an update would not be finite. */
export const nonFiniteGradients = (step: number, culprits: string): string =>
  `step ${step}: gradients hold NaN or infinity (${culprits}); lower the learning rate, look for a logarithm or a division by 0 in the loss, or pass onNonFinite: "skip"`;

export const nonFiniteSums = (
  step: number,
  names: string,
  compression: WantedCompression,
): string => {
  const [limit, cure] =
    compression === "none"
      ? ["float32", ""]
      : [`what compression ${compression} can hold`, ", or take another one"];
  return `step ${step}: the sum over ranks goes beyond ${limit} (on every rank: ${names}); lower the learning rate or scale the loss down${cure}`;
};
