import { existsSync } from "node:fs";
import { gpusHere, usableCores } from "../devices";
import type { Answers, Question } from "./host-messages";
import { reach, Reachable } from "./reach";

/** Answers what one job wants to know of this host. */
export class Answering {
  readonly #closing = new AbortController();
  /** Where this host waits, while the launcher finds out who reaches it. */
  #reachable: Reachable | null = null;

  /** @throws {Error} in words, what went wrong */
  async answer(question: Question): Promise<Answers[Question["type"]]> {
    switch (question.type) {
      case "missing":
        return question.paths.filter((path) => !existsSync(path));
      case "devices":
        return {
          cores: usableCores(),
          gpus: question.gpus
            ? await gpusHere({
                ...{ asked: question.gpus.asked, variables: process.env },
              })
            : [],
        };
      case "listen":
        this.#unlisten();
        this.#reachable = await Reachable.open(question);
        return this.#reachable.ports;
      case "unlisten":
        this.#unlisten();
        return null;
      case "reach":
        return reach(question, this.#closing.signal);
    }
  }

  /** What is still being tried is given up. */
  close(): void {
    this.#closing.abort();
    this.#unlisten();
  }

  #unlisten(): void {
    this.#reachable?.close();
    this.#reachable = null;
  }
}
