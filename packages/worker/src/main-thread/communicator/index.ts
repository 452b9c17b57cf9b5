import { acceptOptions } from "../options";
import { Cartcomm } from "./cartcomm";
import { Distgraphcomm } from "./distgraphcomm";
import { Graphcomm } from "./graphcomm";
import { Intracomm, setTopologyMakers } from "./intracomm";
import { PARAMETERS } from "./parameters";

setTopologyMakers({
  cart: (...args) => Cartcomm.make(...args),
  graph: (...args) => Graphcomm.make(...args),
  adjacent: (...args) => Distgraphcomm.makeAdjacent(...args),
  distributed: (...args) => Distgraphcomm.make(...args),
});
for (let level = Cartcomm.prototype as object; level !== Object.prototype;)
  level = acceptOptions(level, PARAMETERS);
for (const own of [Graphcomm, Distgraphcomm])
  acceptOptions(own.prototype, PARAMETERS);

export { Cartcomm, Distgraphcomm, Graphcomm, Intracomm };
export { COMM_NULL, setWorld } from "./intracomm";
export { Topocomm } from "./topocomm";
