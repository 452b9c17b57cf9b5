import { SingleBar } from "cli-progress";

/** On stderr: a bar a step where that is a terminal, else a line a step. */
export function showSetup() {
  let bar: SingleBar | null = null;
  let total = 0;
  const close = () => {
    bar?.update(total);
    bar?.stop();
    bar = null;
  };
  return {
    step(text: string, totalBytes?: number): void {
      close();
      if (totalBytes === undefined || !process.stderr.isTTY)
        return void process.stderr.write(
          `${text}${totalBytes === undefined ? "" : ` (${megabytes(totalBytes)})`}\n`,
        );
      total = totalBytes;
      bar = new SingleBar({
        format: `${text} {bar} {percentage} %  {eta_formatted}`,
        stream: process.stderr,
        barsize: 20,
        hideCursor: false,
        linewrap: false,
      });
      bar.start(totalBytes, 0);
    },
    bytes(done: number): void {
      bar?.update(Math.min(done, total));
    },
    close,
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
