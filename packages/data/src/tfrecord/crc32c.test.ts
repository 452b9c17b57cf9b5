import { crc32c, crc32cOfLength, crc32cWithin } from "./crc32c";

/** Bit by bit, as the polynomial says. */
function plain(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const unmasked = (masked: number): number => {
  const turned = (masked - 0xa282ead8) >>> 0;
  return ((turned >>> 17) | (turned << 15)) >>> 0;
};

const bytesOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 2_654_435_761) >>> 13);

describe("CRC-32C", () => {
  test("of RFC 3720's examples", () => {
    const examples: [Uint8Array, number][] = [
      [Buffer.from("123456789"), 0xe3069283],
      [new Uint8Array(32), 0x8a9136aa],
      [new Uint8Array(32).fill(255), 0x62a8ab43],
      [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ];
    for (const [bytes, crc] of examples)
      expect(unmasked(crc32c(bytes))).toBe(crc);
  });

  test("of all lengths and places is that of the polynomial", () => {
    const bytes = bytesOf(200);
    for (let start = 0; start < 20; start++)
      for (let end = start; end < 200; end += 7)
        expect(unmasked(crc32cWithin(bytes, start, end))).toBe(
          plain(bytes.subarray(start, end)),
        );
  });

  test("of more than the kernel's memory goes through it in turns", () => {
    const bytes = bytesOf(5_000_001);
    expect(unmasked(crc32c(bytes))).toBe(plain(bytes));
    expect(unmasked(crc32cWithin(bytes, 3, 4_999_999))).toBe(
      plain(bytes.subarray(3, 4_999_999)),
    );
  });

  test("of a length is that of its 8 bytes", () => {
    for (const length of [0, 1, 255, 2 ** 31, 2 ** 40 + 12_345]) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(length));
      const [low, high] = [length >>> 0, Math.floor(length / 2 ** 32)];
      expect(crc32cOfLength(low, high)).toBe(crc32c(bytes));
    }
  });

  test("does not keep what it was told of other bytes", () => {
    const [a, b] = [bytesOf(100), bytesOf(100).reverse()];
    crc32cWithin(a, 0, 10);
    crc32c(b);
    expect(unmasked(crc32cWithin(a, 5, 90))).toBe(plain(a.subarray(5, 90)));
  });
});
