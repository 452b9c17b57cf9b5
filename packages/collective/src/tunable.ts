import { type AlgorithmName, algorithmsOf } from "./registry";

/** Of the buffer, sent by one rank: an all-reduce that needs more is not worth a try, and may not find the memory. */
const MOST_SENT = 4;

/** All-reduces over messages that are worth measuring with so many ranks: no rank is much busier than in the others. */
export const tunableAllreduces = (size: number): AlgorithmName<"allreduce">[] =>
  algorithmsOf("allreduce")
    .filter(({ cost }) =>
      Array.from({ length: size }, (_, rank) => rank).every((rank) => {
        const call = { rank, size, root: 0, count: size, elementBytes: 1 };
        const sent = cost.sends(call).map(({ bytes }) => bytes);
        return sent.reduce((sum, bytes) => sum + bytes, 0) <= MOST_SENT * size;
      }),
    )
    .map(({ name }) => name as AlgorithmName<"allreduce">);
