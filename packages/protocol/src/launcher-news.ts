/**
 * What a launcher that lets the others live tells rank 0's coordinator: one JSON object a line, on the file descriptor
 * TSMPI_NEWS_FD. Without it the coordinator would learn of a killed process only from its silence.
 */
export interface LauncherNews {
  readonly type: "rank-ended";
  readonly rank: number;
  /** For people, behind the rank's name: `was ended by SIGKILL (exit code 137)`. */
  readonly how: string;
}

export const encodeNews = (news: LauncherNews): string =>
  JSON.stringify(news) + "\n";

/** Null for a line that is none of the launcher's. */
export function decodeNews(line: string): LauncherNews | null {
  try {
    const news = JSON.parse(line) as Partial<LauncherNews> | null;
    return news?.type === "rank-ended" &&
      typeof news.rank === "number" &&
      typeof news.how === "string"
      ? (news as LauncherNews)
      : null;
  } catch {
    return null;
  }
}
