/** What users read where an update would not be finite. */
export const nonFiniteGradients = (step: number, culprits: string): string =>
  `step ${step}: gradients hold NaN or infinity (${culprits}); lower the learning rate, look for a logarithm or a division by 0 in the loss, or pass onNonFinite: "skip"`;

export const nonFiniteSums = (step: number, names: string): string =>
  `step ${step}: the sum over ranks goes beyond float32 (on every rank: ${names}); lower the learning rate or scale the loss down`;
