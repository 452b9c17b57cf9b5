import { Ring, ringMemory } from "./ring";

const bytesOf = (length: number, value: number): Uint8Array =>
  new Uint8Array(length).fill(value);

function ringOf(bytes: number) {
  const memory = ringMemory(bytes);
  const [writer, reader] = [new Ring(memory), new Ring(memory)];
  return {
    put: (number: number, record: Uint8Array) =>
      writer.write(number, record.byteLength, (into) => into.set(record)),
    get: () => {
      let got: { number: number; record: number[] } | null = null;
      reader.read((number, record) => (got = { number, record: [...record] }));
      return got;
    },
    reader,
  };
}

describe("Ring", () => {
  it("gives records out in the order they were written, empty ones too", () => {
    const { put, get, reader } = ringOf(256);
    expect(reader.isEmpty).toBe(true);
    put(1, bytesOf(3, 7));
    put(2, bytesOf(0, 0));
    put(3, bytesOf(9, 8));
    expect(reader.isEmpty).toBe(false);
    expect(get()).toEqual({ number: 1, record: [7, 7, 7] });
    expect(get()).toEqual({ number: 2, record: [] });
    expect(get()).toEqual({ number: 3, record: Array(9).fill(8) });
    expect(get()).toBeNull();
  });

  it("refuses what has no room, and takes it when there is some", () => {
    const { put, get } = ringOf(64);
    expect(put(1, bytesOf(24, 1))).toBe(true);
    expect(put(2, bytesOf(24, 2))).toBe(true);
    expect(put(3, bytesOf(0, 3))).toBe(false);
    get();
    expect(put(3, bytesOf(24, 3))).toBe(true);
    expect([get(), get(), get()]).toEqual([
      { number: 2, record: Array(24).fill(2) },
      { number: 3, record: Array(24).fill(3) },
      null,
    ]);
  });

  it("goes round many times, with records of every length", () => {
    const { put, get } = ringOf(128);
    for (let turn = 0; turn < 10_000; turn++) {
      const record = bytesOf(turn % 57, turn % 251);
      expect(put(turn, record)).toBe(true);
      expect(get()).toEqual({ number: turn, record: [...record] });
    }
  });

  it("goes on where positions run over 32 bits", () => {
    const memory = ringMemory(64);
    new Uint32Array(memory, 0, 2).fill(2 ** 32 - 64); // head and tail
    const [writer, reader] = [new Ring(memory), new Ring(memory)];
    for (let turn = 0; turn < 20; turn++) {
      expect(writer.write(turn, 20, (into) => into.fill(turn))).toBe(true);
      let seen: number[] = [];
      reader.read((_, record) => (seen = [...record]));
      expect(seen).toEqual(Array(20).fill(turn));
    }
  });
});
