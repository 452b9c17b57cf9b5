/** The three ways to make a collective call on buffers; all must mean the same. */
export type Form = "blocking" | "non-blocking" | "persistent";

interface Completable {
  Wait(): unknown;
  Start(): void;
  Free(): void;
}
type Methods = Readonly<
  Record<string, ((...values: unknown[]) => unknown) | undefined>
>;

/**
 * Makes a call in one of the forms, named in the blocking one: `Allreduce` is `Allreduce`, `Iallreduce` or `Allreduce_init`. Returns
 * when the call is complete.
 */
export function call(
  form: Form,
  comm: object,
  name: string,
  ...values: unknown[]
): void {
  switch (form) {
    case "blocking":
      method(comm, name)(...values);
      return;
    case "non-blocking":
      (method(comm, nonBlocking(name))(...values) as Completable).Wait();
      return;
    case "persistent": {
      const request = method(comm, `${name}_init`)(...values) as Completable;
      request.Start();
      request.Wait();
      request.Free();
    }
  }
}

/** `Allreduce` → `Iallreduce`, `allreduce` → `iallreduce`. */
export const nonBlocking = (name: string): string =>
  `${name[0] === name[0]!.toUpperCase() ? "I" : "i"}${name[0]!.toLowerCase()}${name.slice(1)}`;

/** A method by its name, bound. */
export function method(
  target: object,
  name: string,
): (...values: unknown[]) => unknown {
  const found = (target as Methods)[name];
  if (typeof found !== "function") throw new Error(`there is no ${name}`);
  return found.bind(target);
}
