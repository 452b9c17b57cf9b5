import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as startTimer } from "node:timers";
import { setTimeout } from "node:timers/promises";
import { DataError } from "@tsmpi/protocol";

export interface DownloadOptions {
  readonly url: string;
  /** Where the file gets its name when all of it is there and right. Until then it is `path` with `.part`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly signal: AbortSignal;
  /** How many bytes there are. */
  readonly onBytes: (bytes: number) => void;
}

/** A connection that brings nothing for so long is given up. */
const QUIET_MS = 30_000;
const SILENCE = new Error(`nothing came for ${QUIET_MS / 1000} s`);
/** In a row, without a byte in between. */
const MOST_FAILURES = 3;

/**
 * Fetches a file that should have this length and checksum. What a run before this one has left as `.part` is gone on with, and so
 * is what came before a connection broke.
 *
 * @throws {DataError} it cannot be had, or is another file; says what to do
 */
export async function download(options: DownloadOptions): Promise<void> {
  const part = `${options.path}.part`;
  // Bytes of a part that turns out to be of another file are fetched again, once.
  for (const isLastTry of [false, true]) {
    const wasThere = await sizeOf(part);
    await fill(part, options);
    const found = await sha256Of(part);
    if (found === options.sha256) return rename(part, options.path);
    await rm(part);
    if (wasThere > 0 && !isLastTry) continue;
    throw new DataError(
      `${options.url} is another file than it should be: its sha256 is ${found}, not ${options.sha256}; it has been removed. A proxy may have changed it, or its owner: fetch it in another way, and compare`,
    );
  }
}

/** Fetches until the part has its length. */
async function fill(part: string, options: DownloadOptions): Promise<void> {
  const { url, bytes, signal } = options;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(part);
    if (before === bytes) return;
    if (before > bytes) {
      await rm(part);
      continue;
    }
    try {
      await fetchRest(part, before, options);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DataError) throw error;
      failures = (await sizeOf(part)) > before ? 1 : failures + 1;
      if (failures === MOST_FAILURES || (before === 0 && isUnreachable(error)))
        throw new DataError(unreachable(url, part, error), {
          cause: error,
        });
      await setTimeout(500 * failures, undefined, { signal });
    }
  }
}

/** Appends what the server sends behind the first `from` bytes. @throws a broken connection; what came is kept */
async function fetchRest(
  part: string,
  from: number,
  { url, bytes, signal, onBytes }: DownloadOptions,
): Promise<void> {
  const { dispatcher, fetch } = await client();
  const quiet = new AbortController();
  const timer = startTimer(() => quiet.abort(SILENCE), QUIET_MS);
  // Where there is no answer, nobody is left to clear it.
  timer.unref();
  const response = await fetch(url, {
    dispatcher,
    signal: AbortSignal.any([signal, quiet.signal]),
    headers: {
      // What is counted is the file's own bytes.
      "accept-encoding": "identity",
      ...(from > 0 && { range: `bytes=${from}-` }),
    },
  });
  try {
    if (!response.ok || response.body === null)
      throw new DataError(
        `${url}: the server answers ${response.status} ${response.statusText}; the file may have moved: fetch it in another way, and put it beside the others`,
      );
    // A server may send all of it nevertheless.
    const isRest =
      response.status === 206 &&
      response.headers.get("content-range")?.startsWith(`bytes ${from}-`) ===
        true;
    const file = await open(part, isRest ? "a" : "w");
    try {
      let done = isRest ? from : 0;
      for await (const piece of response.body as AsyncIterable<Uint8Array>) {
        timer.refresh();
        await file.appendFile(piece);
        onBytes((done += piece.length));
        if (done > bytes)
          throw new DataError(
            `${url} is another file than it should be: it has more than ${bytes} bytes`,
          );
      }
      if (done < bytes)
        throw new Error(`the connection ended after ${done} of ${bytes} bytes`);
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
    await response.body?.cancel().catch(() => undefined);
  }
}

/** Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY, which Node's own `fetch` does not. */
async function client() {
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  return { dispatcher: (agent ??= new EnvHttpProxyAgent()), fetch };
}
let agent: import("undici").EnvHttpProxyAgent | null = null;

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path))
    hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** Asking again in a moment would give the same answer. */
const UNREACHABLE = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH"];

const isUnreachable = (error: unknown): boolean =>
  UNREACHABLE.includes(causeOf(error).code ?? "");

const causeOf = (error: unknown): NodeJS.ErrnoException =>
  (error as Error).cause instanceof Error
    ? ((error as Error).cause as Error)
    : (error as Error);

function unreachable(url: string, part: string, error: unknown): string {
  const { code, message } = causeOf(error);
  const path = part.replace(/\.part$/, "");
  return `${url} cannot be fetched: ${message || code || "no answer"}. Is this machine offline, or behind a proxy (set HTTPS_PROXY)? Fetch the file on one that can, and put it here as ${path}: the same command then checks it${existsSync(part) ? `. What has come so far stays in ${part}, and is gone on with` : ""}`;
}
