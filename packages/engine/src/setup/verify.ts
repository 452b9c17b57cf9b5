import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { SetupError } from "@tsmpi/protocol";

/** @returns the digest of a file, in `encoding` */
export async function digest(
  path: string,
  algorithm: "sha256" | "sha512",
  encoding: "hex" | "base64",
): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest(encoding);
}

/** @throws {SetupError} the file is not the pinned one */
export async function verifySha256(path: string, sha256: string) {
  const found = await digest(path, "sha256", "hex");
  if (found !== sha256)
    throw new SetupError(
      `checksum mismatch: ${basename(path)} has sha256 ${found}, pinned is ${sha256}; it is damaged or not the published file: fetch it again, from another index if it stays so`,
    );
}

/** @throws {SetupError} the file is not the pinned one */
export async function verifyIntegrity(path: string, integrity: string) {
  const found = `sha512-${await digest(path, "sha512", "base64")}`;
  if (found !== integrity)
    throw new SetupError(
      `checksum mismatch: ${basename(path)} has integrity ${found}, pinned is ${integrity}; it is damaged or not the published package: npm cache verify, or take another registry`,
    );
}
