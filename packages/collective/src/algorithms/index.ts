// The registry: a new algorithm is a new file here and a line below.
export { allgatherRing } from "./allgather-ring";
export { allreduceGatherRoot } from "./allreduce-gather-root";
export { allreduceRecursiveDoubling } from "./allreduce-recursive-doubling";
export { allreduceRing } from "./allreduce-ring";
export { barrierDissemination } from "./barrier-dissemination";
export { broadcastBinomial } from "./broadcast-binomial";
export { gatherLinear } from "./gather-linear";
export { reduceBinomial } from "./reduce-binomial";
export { scatterLinear } from "./scatter-linear";
