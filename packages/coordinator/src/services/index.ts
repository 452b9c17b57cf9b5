// The registry: a new service is a new file here and a line below.
export { accounts } from "./accounts";
export { agreement } from "./agreement";
export { membership } from "./membership";
export { memory } from "./memory";
export { rendezvous } from "./rendezvous";
export { splits } from "./splits";
export { streams } from "./streams";
