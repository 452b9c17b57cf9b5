import { EnvironmentError, type Log } from "@tsmpi/protocol";
import { capability, Router } from "zeromq";
import { messagesOf, threadContext, track } from "../sockets";
import type { Credentials } from "./credentials";
import { limited } from "./strangers";

/** RFC 27 (ZAP): the address at which libzmq asks whether a peer may enter. */
const ZAP_ENDPOINT = "inproc://zeromq.zap.01";

/** Who may enter where, by ZAP domain. */
const guards = new Map<string, { credentials: Credentials; log: Log }>();
let door: Promise<void> | null = null;

/**
 * Checks who connects to the listening sockets of this thread that have these credentials. Must be awaited before their `bind`.
 * The log that was given first for a job stays.
 *
 * @throws {EnvironmentError} this machine's ZeroMQ cannot encrypt, and the credentials do
 */
export async function openDoor(
  credentials: Credentials,
  log: Log,
): Promise<void> {
  if (credentials.isEncrypted && !capability.curve)
    throw new EnvironmentError(
      "the ZeroMQ library of this machine was built without CURVE, which encrypts what ranks on several hosts send; reinstall the package zeromq, or set TSMPI_INSECURE=1 where everybody on the network may read it",
    );
  if (!guards.has(credentials.domain))
    guards.set(credentials.domain, { credentials, log: limited(log) });
  await (door ??= answerAtDoor());
}

async function answerAtDoor(): Promise<void> {
  const socket = new Router({ context: threadContext(), linger: 0 });
  await socket.bind(ZAP_ENDPOINT);
  track(socket, answer(socket));
}

async function answer(socket: Router): Promise<void> {
  for await (const frames of messagesOf(socket)) {
    const [identity, empty, version, request, ...asked] = frames;
    const [domain, address, , mechanism, ...shown] = asked;
    const guard = guards.get(String(domain));
    const { isAdmitted, who } = guard?.credentials.admit(
      String(mechanism),
      shown,
    ) ?? { isAdmitted: false, who: "unknown" };
    if (!isAdmitted)
      guard?.log.warn(
        `refused a connection from ${String(address).replace(/^::ffff:/, "") || "this host"}: wrong job key (${who})`,
      );
    await socket.send([
      ...[identity!, empty!, version!, request!],
      isAdmitted ? "200" : "400",
      isAdmitted ? "OK" : "wrong job key",
      ...[who, ""],
    ]);
  }
}
