import { createPrivateKey, createPublicKey, hkdfSync } from "node:crypto";
import { z85 } from "./z85";

/** Keys of other versions of this derivation are others. */
const SALT = "tsmpi curve 1";

/** What PKCS #8 writes in front of the 32 bytes of an X25519 key (RFC 8410). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b656e04220420", "hex");

/** A key pair of CURVE (X25519), as ZeroMQ takes it. */
export interface KeyPair {
  /** Z85, 40 characters. */
  readonly publicKey: string;
  readonly secretKey: string;
  /** As ZAP shows it: 32 bytes. */
  readonly publicBytes: Buffer;
}

/**
 * The key pair of one role in a job, which whoever knows the job key can derive: nothing is exchanged, and no role's key says
 * anything about another's or about the job key. HKDF-SHA-256 (RFC 5869) of the job key, with the role as its info.
 */
export function deriveKeyPair(jobKey: string, role: string): KeyPair {
  const secret = Buffer.from(hkdfSync("sha256", jobKey, SALT, role, 32));
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, secret]),
    ...{ format: "der", type: "pkcs8" },
  });
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  const publicBytes = Buffer.from(x!, "base64url");
  return { publicKey: z85(publicBytes), secretKey: z85(secret), publicBytes };
}
