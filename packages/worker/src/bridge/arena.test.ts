import { bytesPerElement, DTYPES } from "@tsmpi/protocol";
import { Arena } from "./arena";

const KIB = 1024;
const BYTES = 64 * KIB;

describe("Arena.allocate", () => {
  it.each(DTYPES)(
    "gives aligned, disjoint %s arrays of shared memory",
    (dtype) => {
      const arena = new Arena(BYTES);
      const arrays = [0, 1, 7, 100].map((length) => ({
        length,
        array: arena.allocate(dtype, length),
      }));
      let end = 0;
      for (const { length, array } of arrays) {
        expect(array).toHaveLength(length);
        expect(array.BYTES_PER_ELEMENT).toBe(bytesPerElement(dtype));
        expect(array.buffer).toBe(arena.memory.buffer);
        expect(array.byteOffset % 64).toBe(0);
        expect(array.byteOffset).toBeGreaterThanOrEqual(end);
        end = array.byteOffset + array.byteLength;
      }
    },
  );

  it("gives memory of its own beyond the arena's size", () => {
    const arena = new Arena(BYTES);
    const large = arena.allocate("uint8", BYTES + 1);
    expect(large).toHaveLength(BYTES + 1);
    expect(large.buffer).not.toBe(arena.memory.buffer);
    expect(Object.prototype.toString.call(large.buffer)).toBe(
      "[object SharedArrayBuffer]",
    );
    expect(arena.release(large)).toBe(false);
    expect(arena.usedBytes).toBe(0);
  });
});

describe("Arena.release", () => {
  it("merges neighbours, in whatever order they come back", () => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [0, 2, 1, 3],
    ]) {
      const arena = new Arena(BYTES);
      const quarters = [0, 1, 2, 3].map(() =>
        arena.allocate("uint8", BYTES / 4),
      );
      expect(arena.allocate("uint8", 1).buffer).not.toBe(arena.memory.buffer);
      for (const index of order)
        expect(arena.release(quarters[index]!)).toBe(true);
      expect(arena.usedBytes).toBe(0);
      expect(arena.allocate("uint8", BYTES).buffer).toBe(arena.memory.buffer);
    }
  });

  it("uses short buffers again, and merges the last one of them when all of it is asked for", () => {
    const arena = new Arena(BYTES);
    const [first, second] = [0, 1].map(() => arena.allocate("uint8", 1));
    arena.release(first!);
    arena.release(second!);
    const again = [0, 1].map(() => arena.allocate("uint8", 1));
    expect(again.map(({ byteOffset }) => byteOffset).sort()).toEqual([
      first!.byteOffset,
      second!.byteOffset,
    ]);
    for (const array of again) expect(arena.release(array)).toBe(true);
    expect(arena.release(again[0]!)).toBe(false);
    expect(arena.usedBytes).toBe(0);
    expect(arena.allocate("uint8", BYTES).buffer).toBe(arena.memory.buffer);
  });

  it("uses a hole again that is large enough", () => {
    const arena = new Arena(BYTES);
    const [first, second] = [
      arena.allocate("uint8", KIB),
      arena.allocate("uint8", KIB),
    ];
    arena.release(first);
    expect(arena.allocate("float64", 2 * KIB).byteOffset).toBe(
      second.byteOffset + KIB,
    );
    expect(arena.allocate("uint8", KIB).byteOffset).toBe(first.byteOffset);
  });

  it("leaves alone what is not its own, and what has been given back", () => {
    const arena = new Arena(BYTES);
    const array = arena.allocate("float32", 10);
    expect(arena.release(new Float32Array(10))).toBe(false);
    expect(arena.release(array.subarray(1))).toBe(false);
    expect(arena.release(array)).toBe(true);
    expect(arena.release(array)).toBe(false);
  });
});
