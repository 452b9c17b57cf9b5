import type { Credentials } from "./credentials";
import { deriveKeyPair, type KeyPair } from "./keys";

const SERVER = "server ";
const CLIENT = "client";

/**
 * CurveZMQ (RFC 26): every connection encrypted, both ends authenticated, with keys derived from the job key. Each listening end
 * has a key of its own, so that a connection which reaches another end than it was meant for, a container behind the same
 * private address on another host, fails in its handshake. Those that connect share one: all know the job key, so that a key a
 * rank would prove nothing more.
 */
export function curve(jobKey: string): Credentials {
  const client = deriveKeyPair(jobKey, CLIENT);
  const domain = `curve ${client.publicKey}`;
  return {
    isEncrypted: true,
    domain,
    server: (own) => ({
      curveServer: true,
      ...keysOf(deriveKeyPair(jobKey, SERVER + own)),
      zapDomain: domain,
    }),
    client: (_, peer) => ({
      curveServerKey: deriveKeyPair(jobKey, SERVER + peer).publicKey,
      ...keysOf(client),
    }),
    admit: (mechanism, [key]) => ({
      isAdmitted:
        mechanism === "CURVE" && key?.equals(client.publicBytes) === true,
      who: `its key is ${key?.toString("hex").slice(0, 16) ?? "missing"}…`,
    }),
  };
}

const keysOf = ({ publicKey, secretKey }: KeyPair) => ({
  curvePublicKey: publicKey,
  curveSecretKey: secretKey,
});
