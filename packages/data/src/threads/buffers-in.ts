/** All buffers in batches: columns, in objects by name. Each is filled by one column alone. */
export function buffersIn(items: readonly unknown[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const look = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer as ArrayBuffer);
    else if (typeof value === "object" && value !== null)
      if (!Array.isArray(value)) Object.values(value).forEach(look);
  };
  items.forEach(look);
  return [...buffers];
}
