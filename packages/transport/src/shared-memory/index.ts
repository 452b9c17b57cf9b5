export { type Libc, loadLibc } from "./libc";
export { attachShares, createShare, HEADER_BYTES } from "./share";
export { areSame, mappingOf, mappings } from "./mappings";
