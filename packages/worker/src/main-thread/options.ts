import { ArgumentError, isPlainObject, TsmpiError } from "@tsmpi/protocol";

/** The parameters of a method in their order; null for one that cannot be named, since it may be any value. */
type Names = readonly (string | null)[];
/** Of each method. */
export type ParameterNames = Readonly<Record<string, Names>>;

/** A kind of call: the names of its parameters, and their types. */
export interface Call<
  Named extends Names = Names,
  Values extends readonly unknown[] = readonly unknown[],
> {
  readonly names: Named;
  readonly values: Values;
}

/**
 * What a call takes: its arguments in order, or the first ones, and the others by name in one object, which may also hold
 * `timeoutMs`, the deadline of this call, in place of the communicator's.
 */
export type Arguments<C extends Call> =
  C["values"] | Mixed<C["names"], C["values"], Required<C["values"]>>;

/** `First` in order and the others by name, or fewer in order. */
type Mixed<
  N extends Names,
  Values extends readonly unknown[],
  First extends readonly unknown[],
> =
  | (N[First["length"]] extends null
      ? never
      : [
          ...First,
          options: Options<
            [...N, "timeoutMs"],
            [...Values, timeoutMs?: number],
            First
          >,
        ])
  | (First extends readonly [...infer Fewer, unknown]
      ? Mixed<N, Values, Fewer>
      : never);

/** Those behind the first ones, by name. */
type Options<
  N extends Names,
  Values extends readonly unknown[],
  First extends readonly unknown[],
> = {
  [
    I in keyof Values as I extends keyof First
      ? never
      : I extends keyof N
        ? Extract<N[I], string>
        : never
  ]: Values[I];
};

/** Inside a method the arguments are in order always: `acceptOptions` sees to it. */
export const inOrder = <C extends Call>(args: Arguments<C>): C["values"] =>
  args as C["values"];

/** What has methods that take options. */
interface Caller {
  withTimeout<T>(timeoutMs: number, call: () => T): T;
  /** Told of what a call throws. */
  onError(error: TsmpiError): void;
}
type Method = (this: Caller, ...args: unknown[]) => unknown;

/**
 * Lets methods be called with an object in place of the rest of their positional arguments: `recv({ source: 0, tag: 11 })`,
 * `bcast(value, { root: 1 })`. Inside, the arguments are positional always (`inOrder`).
 *
 * @param prototype whose own methods are meant
 * @returns the prototype above it
 */
export function acceptOptions(
  prototype: object,
  parameters: ParameterNames,
): object {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (!Object.hasOwn(parameters, name)) continue;
    const names = parameters[name]!;
    const method = (prototype as Record<string, Method>)[name]!;
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value: withOptions(name, method, names),
    });
  }
  return Object.getPrototypeOf(prototype) as object;
}

const withOptions = (name: string, method: Method, names: Names): Method =>
  function (this: Caller, ...args: unknown[]): unknown {
    try {
      const last = args.length - 1;
      const options = args[last];
      if (!isOptions(options) || names[last] === null)
        return method.apply(this, args);
      const { timeoutMs, ...named } = options;
      const rest = byName(name, named, names.slice(last));
      const call = (): unknown =>
        method.apply(this, [...args.slice(0, last), ...rest]);
      return timeoutMs === undefined
        ? call()
        : this.withTimeout(readTimeout(timeoutMs), call);
    } catch (error) {
      tellOnce(this, error);
      throw error;
    }
  };

/** Errors of which their communicator has been told: a call may be made of others. */
const told = new WeakSet<object>();

function tellOnce(caller: Caller, error: unknown): void {
  if (!(error instanceof TsmpiError) || told.has(error)) return;
  told.add(error);
  caller.onError(error);
}

const isOptions = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && isPlainObject(value);

function byName(
  method: string,
  named: Readonly<Record<string, unknown>>,
  names: Names,
): unknown[] {
  const unknownName = Object.keys(named).find((name) => !names.includes(name));
  if (unknownName !== undefined)
    throw new ArgumentError(
      `${method} has no option "${unknownName}"; there are: ${[...names, "timeoutMs"].join(", ")}`,
    );
  return names.map((name) => named[name!]);
}

/** @throws {ArgumentError} */
export function readTimeout(value: unknown): number {
  if (typeof value === "number" && value > 0) return value;
  throw new ArgumentError(
    `timeoutMs must be a number of milliseconds above 0, not ${String(value)}`,
  );
}
