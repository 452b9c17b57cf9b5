import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { decodeNews, type LauncherNews } from "@tsmpi/protocol";

/** Listens to the launcher on this file descriptor; does not keep the thread alive. @returns ends it */
export function hearLauncher(
  fd: number,
  onNews: (news: LauncherNews) => void,
): () => void {
  const input = new Socket({ fd, readable: true, writable: false });
  // The launcher is gone: so is everybody, in a moment.
  input.on("error", () => {});
  input.unref();
  createInterface({ input }).on("line", (line) => {
    const news = decodeNews(line);
    if (news !== null) onNews(news);
  });
  return () => void input.destroy();
}
