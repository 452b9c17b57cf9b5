// The registry: a new service is a new file here and a line below.
export { membership } from "./membership";
export { rendezvous } from "./rendezvous";
export { scatter } from "./scatter";
