import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compressor, decompressFrame } from "./compression/zstd-library";
import { ZstdFrames } from "./compression/zstd-frames";
import { COMPRESSIONS, plainName } from "./compression";
import { openSink } from "./byte-sink";
import { openSource, PIECE_BYTES } from "./byte-source";
import { ReadMemory } from "./read-memory";

const EXTENSIONS = COMPRESSIONS.map(({ extension }) => extension);

/** More than two pieces, of which neighbours differ; compresses, but not to nothing. */
const CONTENT = Buffer.from(
  Uint8Array.from({ length: 2.5 * PIECE_BYTES }, (_, i) => (i * i) >> (i % 13)),
);

describe("files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tsmpi-files-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = async (name: string, bytes: Uint8Array, step: number) => {
    const sink = openSink(join(folder, name));
    for (let at = 0; at < bytes.length; at += step)
      await sink.write(bytes.subarray(at, at + step));
    await sink.publish();
    return join(folder, name);
  };
  const read = async (path: string, offset?: number) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of (await openSource(path)).read(offset))
      pieces.push(piece);
    return Buffer.concat(pieces);
  };

  test.each([
    { waits: false, pieces: 2 },
    { waits: true, pieces: 1 },
  ])(
    "are lent in %j of memory by turns, if that is asked for and they are not compressed",
    async ({ waits, pieces }) => {
      const path = await write("x", CONTENT, CONTENT.length);
      expect(await openSource(path)).not.toHaveProperty("lend");
      const source = await openSource(path, new ReadMemory({ waits }));
      const memories = new Set<unknown>();
      let at = 5;
      for await (const piece of source.lend!(at)) {
        memories.add(piece.buffer);
        expect(CONTENT.subarray(at, at + piece.length).equals(piece)).toBe(
          true,
        );
        at += piece.length;
      }
      expect(at).toBe(CONTENT.length);
      expect(memories.size).toBe(pieces);
      const packed = await write("x.gz", CONTENT, CONTENT.length);
      expect(await openSource(packed, new ReadMemory())).not.toHaveProperty(
        "lend",
      );
    },
  );

  describe.each(["", ...EXTENSIONS])("named x%s", (extension) => {
    const name = `x${extension}`;
    test.each([1000, PIECE_BYTES, 2 * PIECE_BYTES + 1])(
      "hold what was written in steps of %i bytes, and nothing stands beside them",
      async (step) => {
        const path = await write(name, CONTENT, step);
        expect((await read(path)).equals(CONTENT)).toBe(true);
        expect(readdirSync(folder)).toEqual([name]);
        expect((await openSource(path)).bytes).toBe(statSync(path).size);
      },
    );
    test("may be empty", async () => {
      const path = await write(name, new Uint8Array(0), 1);
      expect(await read(path)).toHaveLength(0);
    });
    test.each([1, PIECE_BYTES - 1, CONTENT.length])(
      "are read from byte %i of their content",
      async (offset) => {
        const path = await write(name, CONTENT, PIECE_BYTES);
        const rest = await read(path, offset);
        expect(rest.equals(CONTENT.subarray(offset))).toBe(true);
      },
    );
    test("take the bytes that a write was given at that time", async () => {
      const sink = openSink(join(folder, name));
      const bytes = Buffer.from("ab");
      await sink.write(bytes);
      bytes.fill("x");
      await sink.publish();
      expect((await read(join(folder, name))).toString()).toBe("ab");
    });
    test("are not there before they are published, and never when discarded", async () => {
      const sink = openSink(join(folder, name));
      await sink.write(CONTENT);
      expect(readdirSync(folder)).not.toContain(name);
      await sink.discard();
      expect(readdirSync(folder)).toEqual([]);
    });
    test("replace one another only when published", async () => {
      await write(name, Buffer.from("old"), 3);
      const sink = openSink(join(folder, name));
      await sink.write(CONTENT);
      expect((await read(join(folder, name))).toString()).toBe("old");
      await sink.publish();
      expect((await read(join(folder, name))).equals(CONTENT)).toBe(true);
    });
    test("in a folder that is not there are refused, by their name", async () => {
      const path = join(folder, "none", name);
      const sink = openSink(path);
      await sink.write(CONTENT).catch(() => undefined);
      await expect(sink.publish()).rejects.toThrow(
        `${path} cannot be written: ENOENT`,
      );
    });
    test("whose reader goes away are closed", async () => {
      const path = await write(name, CONTENT, PIECE_BYTES);
      const open = () =>
        readdirSync("/proc/self/fd", { withFileTypes: true }).length;
      const before = open();
      for (let i = 0; i < 20; i++)
        for await (const piece of (await openSource(path)).read()) {
          expect(piece.length).toBeGreaterThan(0);
          break;
        }
      await new Promise((resolve) => setImmediate(resolve));
      expect(open()).toBeLessThan(before + 5);
    });
  });

  describe.each(EXTENSIONS)("named x%s, broken,", (extension) => {
    const damaged = async (change: (bytes: Buffer) => Uint8Array) => {
      const path = await write(`x${extension}`, CONTENT, PIECE_BYTES);
      const bytes = readFileSync(path);
      writeFileSync(path, change(bytes));
      return path;
    };
    const expectRefusal = async (path: string) => {
      const error = await read(path).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        name: "DataError",
        message: expect.stringMatching(
          /x\.\w+ is cut short or damaged: .*within the first \d+ of its \d+ bytes/,
        ) as unknown,
      });
    };
    test.each([1, 3, 10, 1000])("are refused without the last %i bytes", (n) =>
      damaged((bytes) => bytes.subarray(0, -n)).then(expectRefusal),
    );
    test("are refused cut within the first piece", () =>
      damaged((bytes) => bytes.subarray(0, 100)).then(expectRefusal));
    test("are refused with nothing in them", () =>
      damaged(() => new Uint8Array(0)).then(expectRefusal));
    test("are refused if they are something else", () =>
      damaged(() => Buffer.from("no archive at all")).then(expectRefusal));
    test.each([0.2, 0.5, 0.9])(
      "are refused with a bit flipped at %d of their length",
      (place) =>
        damaged((bytes) => {
          bytes[Math.floor(bytes.length * place)]! ^= 16;
          return bytes;
        }).then(expectRefusal),
    );
    test("are refused with something else behind them", () =>
      damaged((bytes) => Buffer.concat([bytes, Buffer.from("else")])).then(
        expectRefusal,
      ));
    test("one behind another are read as one", async () => {
      const path = await damaged((bytes) => Buffer.concat([bytes, bytes]));
      expect((await read(path)).length).toBe(2 * CONTENT.length);
    });
    test("have no bytes to be read from a place", async () => {
      const path = await damaged((bytes) => bytes);
      const source = await openSource(path);
      expect(source.isSeekable).toBe(false);
      await expect(source.readAt(0, 1)).rejects.toThrow(/is compressed/);
    });
  });

  test("that are not there, or end before what is wanted, are named", async () => {
    const missing = join(folder, "missing");
    await expect(openSource(missing)).rejects.toThrow(
      `${missing} cannot be read: ENOENT`,
    );
    const short = await openSource(await write("short", CONTENT, 1000));
    await expect(short.readAt(CONTENT.length - 1, 2)).rejects.toThrow(
      `short ends at byte ${CONTENT.length}; bytes ${CONTENT.length - 1} to ${CONTENT.length + 1} were to be read`,
    );
  });

  test("have plain names without what says how they are compressed", () => {
    expect(["a.csv", "a.csv.gz", "a.csv.zst"].map(plainName)).toEqual(
      new Array(3).fill("a.csv"),
    );
  });

  test.each([
    ["a window of 4 TiB", [0x00, 0xff]],
    ["content of 2^63 bytes", [0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80]],
  ])("of Zstandard that ask for %s get no memory", async (_, header) => {
    const frame = [0x28, 0xb5, 0x2f, 0xfd, ...header, 0x01, 0x00, 0x00];
    const path = join(folder, "greedy.zst");
    writeFileSync(path, Buffer.from(frame));
    await expect(read(path)).rejects.toThrow(
      /greedy\.zst is cut short or damaged: a frame needs more than 134217728 bytes of memory to be unpacked; pack it again without --long/,
    );
  });

  test("of Zstandard are the same whether Node has it or a library does it", async () => {
    const library = compressor();
    library.end(CONTENT);
    const compressed = Buffer.concat(
      (await library.toArray()) as readonly Buffer[],
    );
    writeFileSync(join(folder, "library.zst"), compressed);
    expect((await read(join(folder, "library.zst"))).equals(CONTENT)).toBe(
      true,
    );
    const path = await write("node.zst", CONTENT, PIECE_BYTES);
    const frames = new ZstdFrames(bytesOf(path));
    const pieces: Uint8Array[] = [];
    while (await frames.next())
      for await (const piece of decompressFrame(frames)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(CONTENT)).toBe(true);
  });
});

async function* bytesOf(path: string): AsyncIterable<Uint8Array> {
  yield readFileSync(path);
}
