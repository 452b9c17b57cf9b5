import { existsSync } from "node:fs";
import { gpusHere, usableCores } from "../devices";
import type { Answers, Question } from "./host-messages";
import { reach, Reachable } from "./reach";

/** Answers what one job wants to know of this host. */
export class Answering {
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
        this.close();
        this.#reachable = await Reachable.open(question);
        return this.#reachable.ports;
      case "unlisten":
        this.close();
        return null;
      case "reach":
        return reach(question);
    }
  }

  close(): void {
    this.#reachable?.close();
    this.#reachable = null;
  }
}
