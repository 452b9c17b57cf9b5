import type { Progress } from "./team";

const PREFIX = "tsrun data: progress ";

/** A line by which a rank tells the process that shows it how far it is. */
export const formatNews = (progress: Progress): string =>
  `${PREFIX}${JSON.stringify(progress)}\n`;

/** What of a rank's output is progress; the rest is for people. */
export function parseNews(text: string): {
  readonly progress: readonly Progress[];
  readonly rest: string;
} {
  const lines = text.split(/(?<=\n)/);
  return {
    progress: lines
      .filter((line) => line.startsWith(PREFIX))
      .map((line) => JSON.parse(line.slice(PREFIX.length)) as Progress),
    rest: lines.filter((line) => !line.startsWith(PREFIX)).join(""),
  };
}
