import { createHash, timingSafeEqual } from "node:crypto";
import type { Credentials } from "./credentials";

/** The job key as a password, in the clear: for one host, where nobody listens between loopback's ends, and for TSMPI_INSECURE. */
export function plain(jobKey: string): Credentials {
  const expected = digest(jobKey);
  const domain = `plain ${expected.toString("hex")}`;
  return {
    isEncrypted: false,
    domain,
    server: () => ({ plainServer: true, zapDomain: domain }),
    client: (own) => ({ plainUsername: own, plainPassword: jobKey }),
    admit(mechanism, [user, password]) {
      const isAdmitted =
        mechanism === "PLAIN" &&
        password !== undefined &&
        timingSafeEqual(digest(password), expected);
      return {
        isAdmitted,
        who: `it calls itself "${printable(String(user).slice(0, 40))}"`,
      };
    },
  };
}

/** A stranger's words do not move the cursor of whoever reads the log. */
const printable = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/g, "?");

/** Equal lengths for the comparison, whatever a stranger sends. */
const digest = (secret: string | Buffer): Buffer =>
  createHash("sha256").update(secret).digest();
