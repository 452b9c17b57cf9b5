import { writeFileSync } from "node:fs";
import { UsageError } from "../usage-error";

const REWRITTEN_MS = 5_000;

/** A file that says what an agent does; its age tells whether the agent still does it. */
export class AgentStatus {
  #text = "";
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param path null: no file */
  constructor(private readonly path: string | null) {
    if (path !== null)
      this.#timer = setInterval(() => this.#write(), REWRITTEN_MS);
  }

  /** @throws {UsageError} it cannot be written */
  tell(text: "waiting" | "serving"): void {
    this.#text = text;
    this.#write();
  }

  #write(): void {
    if (this.path === null) return;
    try {
      writeFileSync(this.path, `${this.#text}\n`);
    } catch (error) {
      throw new UsageError(
        `--status ${this.path} cannot be written: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
