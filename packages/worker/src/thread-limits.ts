/**
 * Of the threads beside the main one. They make little that lives long, and by default V8 would let what they have thrown away grow to
 * tens of megabytes before it looks: the resident memory of a rank rose by 10 % over 10,000 steps.
 */
export const THREAD_LIMITS = { maxYoungGenerationSizeMb: 2 };
