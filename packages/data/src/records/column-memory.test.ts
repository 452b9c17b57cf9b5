import { LentMemory } from "./column-memory";

const BYTES = 1 << 20;

describe("Memory that is lent", () => {
  test("is used again when an item comes back, whose arrays are empty then", () => {
    const memory = new LentMemory();
    const values = new Float32Array(memory.take(BYTES)).fill(7);
    const item = { xs: { image: { values, shape: [1, values.length] } } };
    memory.takeBack(item);
    expect(values).toHaveLength(0);
    const again = new Float32Array(memory.take(BYTES));
    expect(again).toHaveLength(BYTES / 4);
    expect(again[12_345]).toBe(7);
    // There was one.
    expect(new Float32Array(memory.take(BYTES)).fill(1)[0]).toBe(1);
    expect(again[12_345]).toBe(7);
  });

  test("does not take what it has not lent, nor anything twice", () => {
    const memory = new LentMemory();
    const values = new Float32Array(memory.take(BYTES));
    const own = new Float32Array(BYTES / 4);
    memory.takeBack({ values, own, name: ["a"], none: null });
    memory.takeBack({ values, own });
    expect(own).toHaveLength(BYTES / 4);
    const two = [memory.take(BYTES), memory.take(BYTES)];
    expect(two[0]).not.toBe(two[1]);
  });

  test("is the program's where it made something else of an item", () => {
    const memory = new LentMemory();
    const values = new Float32Array(memory.take(BYTES));
    const tensor = new (class {
      readonly values = values;
    })();
    const item: Record<string, unknown> = { tensor, list: [values] };
    item.itself = item;
    memory.takeBack(item);
    expect(values).toHaveLength(BYTES / 4);
    memory.takeBack({ ...item, values });
    expect(values).toHaveLength(0);
  });

  test("is not asked back where it is little", () => {
    const memory = new LentMemory();
    const labels = new Float64Array(memory.take(8 * 256));
    memory.takeBack({ labels });
    expect(labels).toHaveLength(256);
  });
});
