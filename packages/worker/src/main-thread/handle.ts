import { ArgumentError } from "@tsmpi/protocol";

/**
 * What a handle is made of: another one of its class, or nothing.
 *
 * @throws {ArgumentError} it is something else
 */
export function otherHandle<Kind>(
  value: unknown,
  kind: abstract new (...args: never[]) => Kind,
): Kind | null {
  if (value === undefined || value === null) return null;
  if (value instanceof kind) return value;
  throw new ArgumentError(
    `a ${kind.name} is made of another one, not of ${typeof value}`,
  );
}

const constants = new WeakSet<object>();

/** A handle that stays what it is, whoever frees it; another handle to the same can be given up. */
export function constant<Handle extends object>(handle: Handle): Handle {
  constants.add(handle);
  return handle;
}
export const isConstant = (handle: object): boolean => constants.has(handle);
