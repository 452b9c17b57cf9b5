export { bigBatches } from "./big-batches";
export { blockPartition } from "./partition";
export { permutation } from "./permutation";
