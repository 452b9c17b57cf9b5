import { tf } from "@tsmpi/engine";
import type { SingleBar } from "cli-progress";
import type { Callback, Logs, Tensor } from "@tensorflow/tfjs";

/** TSMPI_COLUMNS: the width of the launcher's terminal; a rank itself writes into a pipe. */
const terminalColumns = (): number | null =>
  process.stderr.isTTY
    ? process.stderr.columns
    : Number(process.env.TSMPI_COLUMNS) || null;

/** Shows the progress of a `fit` on stderr: a bar in a terminal, else a line an epoch. */
export function openProgress(): Callback {
  class Progress extends tf.Callback {
    #epochs = 0;
    #epoch = 0;
    #steps = 0;
    #startMs = 0;
    #bar: SingleBar | null = null;

    override async onTrainBegin(): Promise<void> {
      this.#epochs = this.params["epochs"] as number;
      const samples = this.params["samples"] as number | null;
      const batchSize = this.params["batchSize"] as number | null;
      this.#steps =
        samples && batchSize
          ? Math.ceil(samples / batchSize)
          : ((this.params["steps"] as number | null) ?? 0);
    }

    override async onEpochBegin(epoch: number): Promise<void> {
      this.#epoch = epoch + 1;
      this.#startMs = performance.now();
      this.#bar = await openBar(this.#steps, this.#name());
    }

    override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
      this.#bar?.update(batch + 1, { metrics: describe(logs) });
    }

    override async onEpochEnd(_epoch: number, logs?: Logs): Promise<void> {
      this.#bar?.update({ metrics: describe(logs) });
      this.#bar?.stop();
      if (this.#bar !== null) return;
      const seconds = (performance.now() - this.#startMs) / 1_000;
      process.stderr.write(
        `${this.#name()}  ${describe(logs)}  ${seconds.toFixed(1)} s\n`,
      );
    }

    #name(): string {
      return `epoch ${this.#epoch}/${this.#epochs}`;
    }
  }
  return new Progress();
}

/** Null where there is no terminal to draw it on. */
async function openBar(steps: number, name: string): Promise<SingleBar | null> {
  const columns = terminalColumns();
  if (columns === null || steps === 0) return null;
  const { Presets, SingleBar } = await import("cli-progress");
  const bar = new SingleBar(
    {
      format: `${name} {bar} {value}/{total}  {eta_formatted}  {metrics}`,
      stream: terminal(columns),
      barsize: Math.max(10, Math.min(30, columns - 70)),
      hideCursor: false,
      linewrap: false,
    },
    Presets.shades_classic,
  );
  bar.start(steps, 0, { metrics: "" });
  return bar;
}

/** stderr as the launcher shows it: a terminal, although a pipe lies between. */
const terminal = (columns: number): NodeJS.WriteStream =>
  Object.create(process.stderr, {
    isTTY: { value: true },
    columns: { value: columns },
  }) as NodeJS.WriteStream;

const describe = (logs: Logs | undefined): string =>
  Object.entries(logs ?? {})
    .filter(([name]) => name !== "batch" && name !== "size")
    // TensorFlow.js has the validation first.
    .sort(
      ([a], [b]) => Number(a.startsWith("val_")) - Number(b.startsWith("val_")),
    )
    .map(([name, value]) => `${name} ${valueOf(value).toFixed(4)}`)
    .join("  ");

/** Logs hold numbers or, contrary to their type, scalars that nobody has read yet. */
const valueOf = (value: number | Tensor): number =>
  typeof value === "number" ? value : value.dataSync()[0]!;
