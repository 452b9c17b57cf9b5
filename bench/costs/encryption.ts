import { noNetwork } from "../../test/support/network-hosts.ts";
import { run, TSRUN } from "../peers/commands.ts";
import { median, millisecondsText, ratioText } from "../peers/ratios.ts";
import { table } from "../peers/tables.ts";
import { verdict } from "../peers/verdict.ts";

const PROGRAM = ["bench/peers/allreduce.ts", "arena", "25000000:2:9"];
const LEAST_RATIO = 0.65;

interface Place {
  readonly name: string;
  /** Of one job, which is encrypted or not. */
  readonly command: (isEncrypted: boolean) => readonly string[];
}

const LOOPBACK: Place = {
  name: "loopback",
  command: (isEncrypted) => [
    ...[...TSRUN, "-n", "2", "--transport", "tcp"],
    ...["-x", `TSMPI_ENCRYPT=${Number(isEncrypted)}`, ...PROGRAM],
  ],
};

const onHosts = (gbitPerSecond: number): Place => ({
  name: `two hosts, ${gbitPerSecond} Gbit/s`,
  command: (isEncrypted) => [
    ...["env", `TSMPI_INSECURE=${Number(!isEncrypted)}`],
    ...[process.execPath, "--import", "tsx", "bench/peers/on-hosts.ts"],
    ...["2", "1", String(gbitPerSecond * 1_000)],
    ...[process.execPath, "--import", "tsx", ...PROGRAM],
  ],
});

/** What CURVE costs an all-reduce of 25 MB between two processes: encrypted and in the clear, in turns. */
export async function encryption(rounds: number): Promise<string> {
  const why = noNetwork({ hosts: 2 });
  if (why !== null) console.warn(`no hosts are measured: ${why}`);
  const places = [LOOPBACK, ...(why === null ? [onHosts(10), onHosts(1)] : [])];
  const rows: string[][] = [];
  for (const { name, command } of places) {
    const clear: number[] = [];
    const encrypted: number[] = [];
    for (let round = 0; round < rounds; round++)
      for (const [isEncrypted, times] of [
        [false, clear],
        [true, encrypted],
      ] as const)
        times.push(medianOf(await run(command(isEncrypted))));
    const ratios = clear.map((ms, round) => ms / encrypted[round]!);
    rows.push([
      name,
      ...[clear, encrypted].map((times) => millisecondsText(median(times))),
      `${ratioText(median(ratios))}; ${verdict(ratios, { limit: LEAST_RATIO }, "higher")}`,
    ]);
  }
  return table(
    ["25 MB, 2 ranks, ms", "clear", "encrypted", "throughput"],
    rows,
  );
}

function medianOf(output: string): number {
  const line = output.split("\n").find((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`no figures in: ${output}`);
  return (JSON.parse(line) as { medianMs: number }).medianMs;
}
