import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { attempt, run } from "../commands.ts";
import type { Daemon } from "./daemon.ts";

/** The Dockerfiles' base. */
const BASE = "node:20-bookworm-slim";
const PULL_MS = 60_000;
const CERTIFICATES = "etc/ssl/certs/ca-certificates.crt";

export interface BaseImage {
  /** Where it is from, in words. */
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * The base image, from a registry; where none can be reached, one made of Debian's packages and this machine's Node.
 *
 * @throws {Error} it cannot be made either
 */
export async function openBaseImage(
  { env }: Daemon,
  folder: string,
): Promise<BaseImage> {
  const docker = (args: readonly string[], timeoutMs?: number) =>
    attempt("docker", args, { env, timeoutMs });
  const close = async (): Promise<void> => {};
  if ((await docker(["image", "inspect", BASE])).code === 0)
    return { origin: "it is there", close };
  if ((await docker(["pull", BASE], PULL_MS)).code === 0)
    return { origin: "pulled", close };
  await run(
    "debootstrap",
    [
      ...["--variant=minbase", "--include=ca-certificates,libstdc++6"],
      ...["bookworm", folder, mirror()],
    ],
    { timeoutMs: 180_000 },
  );
  addNode(folder);
  await run("chroot", [folder, "useradd", "-m", "-u", "1000", "node"]);
  // Perhaps this machine's own, without which no registry of packages is reached.
  cpSync(`/${CERTIFICATES}`, join(folder, CERTIFICATES));
  const change = `ENV NODE_EXTRA_CA_CERTS=/${CERTIFICATES}`;
  const pipe = `tar -C "$1" -c . | docker import --change "$2" - ${BASE}`;
  await run("sh", ["-c", pipe, "sh", folder, change], {
    ...{ env, timeoutMs: 120_000 },
  });
  return {
    origin: "made by debootstrap",
    close: async () => void (await docker(["image", "rm", "--force", BASE])),
  };
}

/** As the image has them: in /usr/local. */
function addNode(folder: string): void {
  const at = join(folder, "usr/local");
  cpSync(process.execPath, join(at, "bin/node"));
  const npm = npmFolder();
  cpSync(npm, join(at, "lib/node_modules/npm"), { recursive: true });
  mkdirSync(join(at, "bin"), { recursive: true });
  for (const name of ["npm", "npx"])
    symlinkSync(
      `../lib/node_modules/npm/bin/${name}-cli.js`,
      join(at, "bin", name),
    );
}

/** Of the npm that runs here. @throws {Error} there is none */
function npmFolder(): string {
  const places = [
    ...(process.env.npm_execpath
      ? [dirname(dirname(realpathSync(process.env.npm_execpath)))]
      : []),
    join(dirname(process.execPath), "../lib/node_modules/npm"),
  ];
  const folder = places.find((place) =>
    existsSync(join(place, "bin/npm-cli.js")),
  );
  if (folder === undefined) throw new Error("npm is not found beside node");
  return folder;
}

/** The one that this machine takes its packages from. */
function mirror(): string {
  const sources = "/etc/apt/sources.list.d/debian.sources";
  const text = existsSync(sources) ? readFileSync(sources, "utf8") : "";
  return /^URIs: *(\S+)/m.exec(text)?.[1] ?? "http://deb.debian.org/debian";
}
