// What a control channel beside the job's own needs, a launcher's Router and its agents' Dealers, with the job's credentials:
//
//     const credentials = curve(jobKey);
//     await openDoor(credentials, log);
//     const router = new Router({ context: threadContext(), ...credentials.server("launcher"), ...controlBounds(hosts) });
//     const dealer = new Dealer({ context: threadContext(), ...credentials.client("agent", "launcher"), ...controlBounds(hosts) });
export { bindTcp } from "./addresses/bind";
export { controlBounds } from "./bounds";
export { Outbox } from "./outbox";
export { watchReach } from "./reach";
export { openDoor } from "./security/door";
export { watchStrangers } from "./security/strangers";
export {
  closeSocket,
  closeThreadSockets,
  lastEvent,
  messagesOf,
  threadContext,
  track,
} from "./sockets";
