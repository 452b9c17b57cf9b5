import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { resolve } from "node:path";

export interface RankEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ByHandOptions {
  /** In `test/worker/programs`, or absolute. */
  readonly program: string;
  /** Of `node`. */
  readonly flags?: readonly string[];
  /** What the program is to do. */
  readonly args?: readonly string[];
  readonly size: number;
  /** Ranks that are started; default all. */
  readonly ranks?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
  /** A rank is killed after this long; default 25 s. */
  readonly limitMs?: number;
  /** In front of a rank's command: what puts it elsewhere. */
  readonly commandOf?: (rank: number) => readonly string[];
  /** Instead of `env`'s, for one rank. */
  readonly envOf?: Readonly<Record<number, Readonly<Record<string, string>>>>;
}

export interface ByHand {
  /** In the order of `ranks`. */
  readonly processes: readonly ChildProcess[];
  /** Resolves when that rank has printed `text`. */
  readonly printed: (rank: number, text: string) => Promise<void>;
  /** Resolves when all have ended, in the order of `ranks`. */
  readonly done: Promise<readonly RankEnd[]>;
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Ranks without a launcher: plain `node`, told who they are by the environment, as an operator would. */
export async function startByHand({
  program,
  flags = [],
  args = [],
  size,
  ranks = Array.from({ length: size }, (_, rank) => rank),
  env = {},
  envOf = {},
  commandOf = () => [],
  limitMs = 25_000,
}: ByHandOptions): Promise<ByHand> {
  const port = await freePort();
  const output = ranks.map(() => ({ stdout: "", stderr: "" }));
  const waiting = new Set<() => void>();
  const processes = ranks.map((rank, index) => {
    const path = resolve(__dirname, "../worker/programs", program);
    const node = [process.execPath, ...flags];
    const line = [...commandOf(rank), ...node, path, ...args];
    const [command, ...rest] = line as [string, ...string[]];
    const child = spawn(command, rest, {
      env: {
        PATH: process.env.PATH,
        RANK: String(rank),
        WORLD_SIZE: String(size),
        MASTER_ADDR: "127.0.0.1",
        MASTER_PORT: String(port),
        TSMPI_JOB_KEY: "5d41402abc4b2a76b9719d911017c592",
        TSMPI_ARENA_BYTES: String(64 << 20),
        ...env,
        ...envOf[rank],
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[index]![name] += text;
        for (const look of waiting) look();
      });
    return child;
  });

  const done = Promise.all(
    processes.map(
      (child, index) =>
        new Promise<RankEnd>((resolve) => {
          const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
          child.on("close", (exitCode, signal) => {
            clearTimeout(timer);
            resolve({ exitCode, signal, ...output[index]! });
          });
        }),
    ),
  );
  return {
    processes,
    done,
    printed: (rank, text) =>
      new Promise((resolve) => {
        const look = () => {
          if (!output[ranks.indexOf(rank)]!.stdout.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Runs them to their end. */
export const runByHand = async (
  options: ByHandOptions,
): Promise<readonly RankEnd[]> => (await startByHand(options)).done;
