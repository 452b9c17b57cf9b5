import type { AdamConstants } from "../adam";
import { WebAssembly, type WebAssemblyMemory } from "./web-assembly";

/**
 * A WebAssembly function that takes one step of Adam on some weights in one pass, where ops take fourteen. Four float32 at a time, with
 * the roundings of the fourteen in the same order, so that the results are equal to the bit.
 *
 *     first'  = first · beta1 + gradient · (1 − beta1)
 *     second' = second · beta2 + gradient² · (1 − beta2)
 *     value'  = (first' / correction1) / (√(second' / correction2) + epsilon) · (−learningRate) + value
 *
 * Addresses are bytes in the memory. It reads and writes whole vectors of 16 bytes, so up to 12 behind the last weight.
 */
export type AdamStep = (
  value: number,
  gradient: number,
  first: number,
  second: number,
  newValue: number,
  newFirst: number,
  newSecond: number,
  bytes: number,
  ...constants: AdamConstants
) => void;

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;

// The parameters in their order, then the locals.
const VALUE = 0;
const GRADIENT = 1;
const FIRST = 2;
const SECOND = 3;
const NEW_VALUE = 4;
const NEW_FIRST = 5;
const NEW_SECOND = 6;
const BYTES = 7;
const BETA1 = 8;
const ONE_MINUS_BETA1 = 9;
const BETA2 = 10;
const ONE_MINUS_BETA2 = 11;
const CORRECTION1 = 12;
const CORRECTION2 = 13;
const EPSILON = 14;
const MINUS_LEARNING_RATE = 15;
const OFFSET = 16;
const G = 17;
const M = 18;
const V = 19;

/** Bytes of WebAssembly. */
type Code = readonly number[];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const address = (base: number): Code => [...get(base), ...get(OFFSET), 0x6a];
const load = (base: number): Code => [...address(base), 0xfd, 0x00, 0, 0];
const store = (base: number, value: Code): Code => [
  ...address(base),
  ...value,
  ...[0xfd, 0x0b, 0, 0],
];
const splat = (parameter: number): Code => [...get(parameter), 0xfd, 0x13];
const sqrt = (a: Code): Code => [...a, 0xfd, 0xe3, 0x01];
const add = (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xe4, 0x01];
const multiply = (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xe6, 0x01];
const divide = (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xe7, 0x01];

const BODY: Code = [
  ...[0x03, 0x40], // loop
  ...load(GRADIENT),
  ...set(G),
  ...add(
    multiply(load(FIRST), splat(BETA1)),
    multiply(get(G), splat(ONE_MINUS_BETA1)),
  ),
  ...set(M),
  ...add(
    multiply(load(SECOND), splat(BETA2)),
    multiply(multiply(get(G), get(G)), splat(ONE_MINUS_BETA2)),
  ),
  ...set(V),
  ...store(NEW_FIRST, get(M)),
  ...store(NEW_SECOND, get(V)),
  ...store(
    NEW_VALUE,
    add(
      multiply(
        divide(
          divide(get(M), splat(CORRECTION1)),
          add(sqrt(divide(get(V), splat(CORRECTION2))), splat(EPSILON)),
        ),
        splat(MINUS_LEARNING_RATE),
      ),
      load(VALUE),
    ),
  ),
  // offset += 16; again if offset < bytes
  ...[...get(OFFSET), 0x41, 16, 0x6a, 0x22, OFFSET],
  ...[...get(BYTES), 0x49, 0x0d, 0],
  ...[0x0b, 0x0b], // end of loop, end of function
];

/** An unsigned number of at most 14 bits in LEB128. */
const leb = (value: number): Code =>
  value < 128 ? [value] : [(value & 127) | 128, value >> 7];
const sized = (content: Code): Code => [...leb(content.length), ...content];
const section = (id: number, content: Code): Code => [id, ...sized(content)];
const text = (string: string): Code => sized([...Buffer.from(string)]);

/** Limits of a memory: at least nothing; and of a shared one, as it has to be said, at most 4 GiB in pages of 64 KiB. */
const LIMITS: Code = [0, 0];
const SHARED_LIMITS: Code = [3, 0, 0x80, 0x80, 4];

/** A parameter list of 8 int32 and 8 float32, a memory `env.memory`, one function, exported as `step`. */
const moduleFor = (limits: Code) =>
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      ...[1, 0x60],
      ...sized([...Array<number>(8).fill(I32), ...Array<number>(8).fill(F32)]),
      0,
    ]),
    ...section(2, [1, ...text("env"), ...text("memory"), 0x02, ...limits]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("step"), 0, 0]),
    ...section(10, [1, ...sized([2, 1, I32, 3, V128, ...BODY])]),
  ]);

export function compileAdamStep(memory: WebAssemblyMemory): AdamStep {
  const isShared = memory.buffer instanceof SharedArrayBuffer;
  const code = moduleFor(isShared ? SHARED_LIMITS : LIMITS);
  const module = new WebAssembly!.Module(code);
  const { exports } = new WebAssembly!.Instance(module, { env: { memory } });
  return exports.step as AdamStep;
}
