// The registry: a new service is a new file here and a line below.
export { agreement } from "./agreement";
export { membership } from "./membership";
export { memory } from "./memory";
export { rendezvous } from "./rendezvous";
export { scatter } from "./scatter";
