import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { SetupError } from "@tsmpi/protocol";
import type { Progress } from "./progress";
import type { Wheel } from "./recipe";
import { lastLine, run } from "./run";
import { parseWheelName, projectName } from "./wheel-name";

export interface FetchOptions {
  /** Emptied by the caller; the wheel comes to lie in it. */
  readonly folder: string;
  readonly progress: Progress;
}

/** Ways to call pip, the first that answers is used. */
const PIPS = [["pip"], ["pip3"], ["python3", "-m", "pip"]] as const;

/**
 * A wheel from the Python package index: through pip, which knows the index, the proxy and the certificates that are configured
 * here; else straight over HTTPS.
 *
 * @returns where it lies, unverified
 * @throws {SetupError}
 */
export async function fetchWheel(
  wheel: Wheel,
  options: FetchOptions,
): Promise<string> {
  await mkdir(options.folder, { recursive: true });
  for (const pip of PIPS)
    if ((await run(pip[0], [...pip.slice(1), "--version"])).exitCode === 0)
      return fetchByPip(pip, wheel, options);
  return fetchByHttps(wheel, options);
}

async function fetchByPip(
  [command, ...first]: readonly [string, ...string[]],
  { file }: Wheel,
  { folder, progress }: FetchOptions,
): Promise<string> {
  const { distribution, version, python, abi, platforms } =
    parseWheelName(file)!;
  const [, implementation, pythonVersion] = /^([a-z]+)(\d+)$/.exec(python)!;
  // While pip works, its temporary files grow here.
  const temporary = join(folder, "pip");
  await mkdir(temporary, { recursive: true });
  const watch = setInterval(() => {
    void sizeOf(folder).then((bytes) => progress.bytes(bytes));
  }, 200);
  const ran = await run(
    command,
    [
      ...first,
      ...["download", `${projectName(distribution)}==${version}`],
      ...["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--dest"],
      folder,
      ...["--implementation", implementation!, "--abi", abi],
      ...["--python-version", pythonVersion!],
      ...platforms.flatMap((platform) => ["--platform", platform]),
      ...["--disable-pip-version-check", "--progress-bar", "off"],
    ],
    { env: { ...process.env, TMPDIR: temporary }, timeoutMs: 3_600_000 },
  );
  clearInterval(watch);
  if (ran.exitCode !== 0)
    throw new SetupError(
      `pip could not fetch ${file}: ${reasonOf(ran.stderr) || lastLine(ran)}; check pip config list, or download the wheel elsewhere and give it with --from`,
    );
  await rm(temporary, { recursive: true, force: true });
  const found = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  return join(folder, found ?? file);
}

/** pip's own error rather than the warnings of its retries; but only they say that nobody answered. */
function reasonOf(stderr: string): string {
  const error = stderr.split("\n").find((line) => line.startsWith("ERROR:"));
  const noAnswer = /connection broken by|NewConnectionError/.test(stderr);
  return [
    ...(noAnswer ? ["the index cannot be reached"] : []),
    ...(error === undefined ? [] : [error.replace(/^ERROR:\s*/, "")]),
  ].join(": ");
}

async function sizeOf(folder: string): Promise<number> {
  try {
    const entries = await readdir(folder, {
      withFileTypes: true,
      recursive: true,
    });
    const sizes = await Promise.all(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => stat(join(entry.parentPath, entry.name))),
    );
    return sizes.reduce((sum, { size }) => sum + size, 0);
  } catch {
    // A file that was there is there no more.
    return 0;
  }
}

/** The public index, unless pip's own variable names another. */
const indexUrl = (): string =>
  (process.env.PIP_INDEX_URL || "https://pypi.org/simple").replace(/\/$/, "");

async function fetchByHttps(
  { file }: Wheel,
  { folder, progress }: FetchOptions,
): Promise<string> {
  const { distribution } = parseWheelName(file)!;
  const index = `${indexUrl()}/${projectName(distribution)}/`;
  const failed = (url: string, reason: string) =>
    new SetupError(
      `there is no pip here, and ${url} cannot be read: ${reason}; install pip, set PIP_INDEX_URL to an index that can be reached, or download ${file} elsewhere and give it with --from`,
    );
  const get = async (url: string): Promise<Response> => {
    const response = await fetch(url).catch((error: Error) => {
      throw failed(
        url,
        (error.cause as Error | undefined)?.message ?? error.message,
      );
    });
    if (!response.ok) throw failed(url, `HTTP ${response.status}`);
    return response;
  };
  const page = await get(index);
  const href = linkTo(file, await page.text());
  if (href === null) throw failed(index, `it does not list ${file}`);
  const url = new URL(href, page.url).href;
  const { body } = await get(url);
  const path = join(folder, file);
  let done = 0;
  const counted = Readable.fromWeb(body as ReadableStream<Uint8Array>).on(
    "data",
    (chunk: Uint8Array) => progress.bytes((done += chunk.length)),
  );
  await pipeline(counted, createWriteStream(path)).catch((error: Error) => {
    throw failed(url, error.message);
  });
  return path;
}

/** In a page of an index (PEP 503), the address of a file, without its fragment. */
export function linkTo(file: string, html: string): string | null {
  for (const [, href] of html.matchAll(/<a\s[^>]*href="([^"#]+)/g))
    if (href!.split("/").at(-1) === file) return href!.replaceAll("&amp;", "&");
  return null;
}
