// The registry: a new mode is a new file here and a line below.
export { assigned } from "./assigned";
export { dynamic } from "./dynamic";
export { scatter } from "./scatter";
