// The registry: a new deal is a new file here and a line below.
export { block } from "./block";
export { blockCyclic } from "./block-cyclic";
export { cyclic } from "./cyclic";
export { hash } from "./hash";
export { range } from "./range";
export { stratified } from "./stratified";
export { weighted } from "./weighted";
