/** All buffers in batches: columns, in plain objects by name. Each is filled by one column alone. */
export function buffersIn(items: readonly unknown[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const look = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer as ArrayBuffer);
    else if (isPlain(value) && !seen.has(value)) {
      seen.add(value);
      Object.values(value).forEach(look);
    }
  };
  items.forEach(look);
  return [...buffers];
}

/** What else a program makes of a batch is not looked into. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
