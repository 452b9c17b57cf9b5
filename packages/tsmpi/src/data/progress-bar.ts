import { SingleBar } from "cli-progress";
import type { Progress } from "./team";
import { bytesInWords } from "./words";

/** Shows on stderr how far all ranks together are, with rate and time left; nothing where that is no terminal. */
export function showProgress(stream: NodeJS.WriteStream = process.stderr) {
  let bar: SingleBar | null = null;
  let stage = "";
  let startMs = 0;
  const done = new Map<number, number>();
  const close = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    show(rank: number, progress: Progress): void {
      if (!stream.isTTY) return;
      if (progress.stage !== stage || bar === null) {
        close();
        if (progress.stage !== stage) {
          done.clear();
          startMs = performance.now();
        }
        stage = progress.stage;
        bar = newBar(stream);
        bar.start(progress.total, 0, { stage, rate: "" });
      }
      done.set(rank, progress.done);
      const sum = [...done.values()].reduce((a, b) => a + b, 0);
      const seconds = (performance.now() - startMs) / 1000;
      bar.setTotal(progress.total);
      bar.update(Math.min(sum, progress.total), {
        rate: rateInWords(sum / seconds, progress.unit),
      });
    },
    close,
  };
}

const newBar = (stream: NodeJS.WriteStream): SingleBar =>
  new SingleBar({
    format: "{stage} {bar} {percentage} %  {rate}  {eta_formatted} left",
    stream,
    barsize: 20,
    hideCursor: false,
    linewrap: false,
    clearOnComplete: true,
    // Steady, since ranks tell in turns.
    etaBuffer: 100,
  });

export const rateInWords = (
  perSecond: number,
  unit: Progress["unit"],
): string =>
  unit === "bytes"
    ? `${bytesInWords(perSecond)}/s`
    : `${Math.round(perSecond).toLocaleString("en-US")} records/s`;
