// The registry: a new codec is a new file here and a line below.
export { bf16 } from "./bf16";
export { fp16 } from "./fp16";
export { int8 } from "./int8";
