import { capability, version } from "zeromq";

/** The library that carries every connection between hosts, for `tsrun doctor`. */
export const zeromqFacts = (): {
  readonly version: string;
  readonly capabilities: string[];
} => ({
  version,
  capabilities: Object.entries(capability)
    .filter(([, has]) => has)
    .map(([name]) => name),
});
