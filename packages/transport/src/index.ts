export type { ControlClient, ControlServer } from "./control";
export { type Frame, Mesh } from "./mesh";
export type {
  ConnectOptions,
  Inbox,
  Link,
  ListenOptions,
  Transport,
} from "./transport";
export {
  chooseTransport,
  loadTransport,
  TRANSPORT_NAMES,
  type TransportName,
} from "./transports";

/** Control connections, which are always ZeroMQ's; loaded on use, since a world of one has none. */
export const loadControl = () => import("./control.js");

/** Loads zeromq. @throws if it does not load */
export const loadZeromqFacts = () => import("./zeromq-facts.js");
