export type { Libc } from "./shared-memory";
export type { ControlClient, ControlServer } from "./control";
export { type Frame, Mesh } from "./mesh";
export { onePort, type Ports, portsOf } from "./addresses/bind";
export { coordinatorAddresses } from "./addresses/coordinator-addresses";
export { hostAndPort, parseTcp } from "./addresses/endpoint";
export {
  hostAddresses,
  type HostAddress,
  onInterface,
} from "./addresses/interfaces";
export { type Way, wayToCoordinator } from "./addresses/way";
export { type Credentials, credentialsOf } from "./security/credentials";
export { curve } from "./security/curve";
export { plain } from "./security/plain";
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

/** Where a launcher and its agents meet; loads zeromq. */
export const loadAgents = () => import("./agents.js");
export type { AgentServer } from "./agents";
export type { LinkListener, MessageLink } from "./message-link";

/** Loads zeromq. @throws if it does not load */
export const loadZeromqFacts = () => import("./zeromq-facts.js");

/** Memory that ranks of one host share; loaded on use: koffi is a native library. */
export const loadSharedMemory = (): typeof import("./shared-memory") =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a rank starts without an await
  require("./shared-memory") as typeof import("./shared-memory");
