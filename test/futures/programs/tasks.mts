// What the programs beside have workers do.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MPI, ArgumentError } from "../../../packages/tsmpi/dist/index.js";

export const square = (n: number): number => n * n;
export const add = async (a: number, b: number): Promise<number> => {
  await sleep(1);
  return a + b;
};
export const echo = (...values: unknown[]): unknown => values;
export function nothing(): void {}
export function change(list: number[]): number[] {
  list.push(4);
  return list;
}
export const rank = (): number => MPI.COMM_WORLD.rank;
export async function wait(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}
/** Slow on rank 1. */
export async function uneven(): Promise<number> {
  await sleep(MPI.COMM_WORLD.rank === 1 ? 300 : 5);
  return MPI.COMM_WORLD.rank;
}
export const commandLine = (): string[] => process.argv.slice(2);

export class OwnError extends Error {
  readonly detail = { depth: 3 };
}
export const fail = {
  typeError: () => {
    throw new TypeError("this is wrong");
  },
};
export function failWith(what: string): void {
  switch (what) {
    case "TypeError":
      throw new TypeError("this is wrong");
    case "own":
      throw new OwnError("of my own", { cause: new RangeError("too far") });
    case "named":
      throw Object.assign(new Error("m"), { name: "NamedError" });
    case "tsmpi":
      throw new ArgumentError("refused");
    case "node":
      readFileSync("/there/is/no/such/file");
      break;
    case "many":
      throw new AggregateError([new TypeError("a"), "b"], "both");
    case "text":
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- people do
      throw "just text";
  }
}
export async function rejectLater(): Promise<void> {
  await sleep(1);
  throw new SyntaxError("later");
}
export const unsendable = (): unknown => ({ deep: [() => 1] });

let level = 0;
export function setLevel(to: number): void {
  level = to;
}
export const getLevel = (): number => level;
export function failToStart(): void {
  throw new RangeError("no start");
}
export const makeAdder = (n: number) => (m: number) => n + m;
