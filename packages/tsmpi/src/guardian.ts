import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Kills the process groups of all ranks if `tsrun` itself is killed. A process in a session of its own, which neither Ctrl-C
 * nor the end of a terminal reaches, reads from a pipe that only `tsrun` holds: `+ pid`, `- pid`, `done`. The pipe's end
 * without `done` means that `tsrun` is gone.
 *
 * A rank whose `+` was never written, since `tsrun` died between the spawn and the write, finds out itself: `preload.ts`
 * compares its parent.
 */
export class Guardian {
  private readonly process: ChildProcess;

  constructor({ shell = "/bin/sh" }: { readonly shell?: string } = {}) {
    const [command, args] = existsSync(shell)
      ? [shell, ["-c", SHELL_SCRIPT, "tsrun-guardian"]]
      : [process.execPath, ["-e", NODE_SCRIPT, "tsrun-guardian"]];
    this.process = spawn(command, args, {
      detached: true,
      cwd: "/",
      env: {},
      stdio: ["pipe", "ignore", "ignore"],
    });
    // Without its guardian a job runs all the same.
    this.process.on("error", () => {});
    this.process.stdin!.on("error", () => {});
    this.process.unref();
  }

  /** Call it right after the spawn. */
  watch(pid: number): void {
    this.tell(`+ ${pid}`);
  }

  /** The group is gone: its number may soon be somebody else's. */
  forget(pid: number): void {
    this.tell(`- ${pid}`);
  }

  close(): void {
    this.tell("done");
    this.process.stdin!.end();
  }

  private tell(line: string): void {
    // A small write to an idle pipe goes out at once, before this returns.
    this.process.stdin!.write(line + "\n");
  }
}

const SHELL_SCRIPT = `
groups=""
while read -r word pid; do
  case "$word" in
    +) groups="$groups $pid" ;;
    -) left=""
       for group in $groups; do [ "$group" = "$pid" ] || left="$left $group"; done
       groups="$left" ;;
    done) exit 0 ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`;

const NODE_SCRIPT = `
const groups = new Set();
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [word, pid] = line.split(" ");
    if (word === "+") groups.add(Number(pid));
    if (word === "-") groups.delete(Number(pid));
    if (word === "done") process.exit(0);
  })
  .on("close", () => {
    for (const group of groups) try { process.kill(-group, "SIGKILL"); } catch {}
  });
`;
