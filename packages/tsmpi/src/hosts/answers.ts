import { existsSync } from "node:fs";
import { gpusHere, usableCores } from "../devices";
import type { Answers, Question } from "./host-messages";
import { reach, Reachable } from "./reach";

/** Where this host waits, while the launcher finds out who reaches it. */
let reachable: Reachable | null = null;

/** @throws {Error} in words, what went wrong */
export async function answer(
  question: Question,
): Promise<Answers[Question["type"]]> {
  switch (question.type) {
    case "missing":
      return question.paths.filter((path) => !existsSync(path));
    case "devices":
      return {
        cores: usableCores(),
        gpus: question.gpus
          ? await gpusHere({
              asked: question.gpus.asked,
              variables: process.env,
            })
          : [],
      };
    case "listen":
      reachable = await Reachable.open(question);
      return reachable.ports;
    case "unlisten":
      reachable?.close();
      return null;
    case "reach":
      return reach(question);
  }
}
