import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { encode } from "jpeg-js";
import { PNG } from "pngjs";
import { openCatalogue } from "../catalogue/catalogue";
import { openSource } from "../files/byte-source";
import type { FormatOptions } from "../format";
import { openLocalDataset } from "../open-local-dataset";
import { recordDecoder } from "../records/decode";
import { BEGINNING, type RecordPlace } from "../records/raw-records";
import type { DataRecord } from "../records/record";
import { formatOf } from "../registry";
import { images } from "./images";

const [WIDTH, HEIGHT] = [5, 3];
/** Any colours: red grows to the right, green downward, blue and alpha are those of the class. */
const RGBA = Buffer.from(
  Array.from({ length: WIDTH * HEIGHT }, (_, i) => [
    ...[(i % WIDTH) * 50, Math.floor(i / WIDTH) * 100, 7, 200],
  ]).flat(),
);
const channelsOf = (channels: readonly number[]) =>
  Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    channels.map((channel) => RGBA[4 * i + channel]!),
  ).flat();

type ColourType = 0 | 2 | 4 | 6;
/** Without alpha the writer would mix colours with its background, so there is none to mix. */
function png(colorType: ColourType): Buffer {
  const image = new PNG({ width: WIDTH, height: HEIGHT });
  RGBA.copy(image.data);
  if (colorType < 4)
    for (let i = 3; i < RGBA.length; i += 4) image.data[i] = 255;
  return PNG.sync.write(image, { colorType });
}
/** Grey, 16 bits, of which the upper 8 are 0, 1, 2 … */
function deepPng(): Buffer {
  const values = Uint16Array.from(
    { length: WIDTH * HEIGHT },
    (_, i) => i * 257,
  );
  const data = Buffer.from(values.buffer);
  return PNG.sync.write({ width: WIDTH, height: HEIGHT, data } as PNG, {
    ...{ colorType: 0, inputColorType: 0, bitDepth: 16, inputHasAlpha: false },
  });
}
/** A PNG of that size that says it is interlaced, and holds so many bytes. */
function interlaced(image: Buffer, bytes: number): Buffer {
  const header = Buffer.from(image.subarray(12, 29));
  header[16] = 1;
  const chunk = (content: Buffer) => {
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length - 4);
    checksum.writeUInt32BE(crc32(content));
    return Buffer.concat([length, content, checksum]);
  };
  const data = deflateSync(Buffer.alloc(bytes));
  return Buffer.concat([
    image.subarray(0, 8),
    ...[header, Buffer.concat([Buffer.from("IDAT"), data])].map(chunk),
    chunk(Buffer.from("IEND")),
  ]);
}
const jpeg = () =>
  encode({ width: WIDTH, height: HEIGHT, data: RGBA }, 100).data;

describe("folders of images", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tsmpi-images-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (path: string, bytes: Uint8Array | string) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  const read = async (
    options: FormatOptions = {},
    place: RecordPlace = BEGINNING,
  ) => {
    const source = await openSource(folder);
    const schema = await images.schema(source, options);
    const decode = await recordDecoder(images, schema);
    const records: DataRecord[] = [];
    let next = place.record;
    for await (const raw of images.read(source, schema, place)) {
      expect(raw.first).toBe(next);
      next += raw.starts.length;
      raw.starts.forEach((_, i) => records.push(decode(raw, i, folder)));
    }
    return records;
  };

  test("give pixels, labels in the order of the classes' names, and paths", async () => {
    put("dog/b.png", png(6));
    put("cat/z.PNG", png(2));
    put("cat/a.png", png(2));
    put("cat/notes.txt", "no image");
    put("bird/.hidden.png", "");
    const size = { height: HEIGHT, width: WIDTH };
    const rgb = { image: Uint8Array.from(channelsOf([0, 1, 2])), ...size };
    expect(await read()).toEqual([
      { ...rgb, channels: 3, label: 1, class: "cat", path: "cat/a.png" },
      { ...rgb, channels: 3, label: 1, class: "cat", path: "cat/z.PNG" },
      {
        image: Uint8Array.from(RGBA),
        ...{ ...size, channels: 4, label: 2, class: "dog", path: "dog/b.png" },
      },
    ]);
  });

  test.each([
    [0, 1],
    [4, 2],
    [2, 3],
    [6, 4],
  ] as const)(
    "give PNGs of colour type %i %i channels",
    async (type, channels) => {
      put("a/1.png", png(type));
      const [record] = await read();
      expect(record).toMatchObject({ channels });
      expect(record!.image).toHaveLength(WIDTH * HEIGHT * channels);
    },
  );

  test("give the upper 8 of 16 bits", async () => {
    put("a/1.png", deepPng());
    const [record] = await read();
    expect([...(record!.image as Uint8Array)]).toEqual(
      Array.from({ length: WIDTH * HEIGHT }, (_, i) => i),
    );
  });

  test("convert to the channels that are wanted", async () => {
    put("a/1.png", png(6));
    put("a/2.jpg", jpeg());
    const grey = Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
      Math.round(
        0.299 * RGBA[4 * i]! +
          0.587 * RGBA[4 * i + 1]! +
          0.114 * RGBA[4 * i + 2]!,
      ),
    );
    const [one] = await read({ channels: 1 });
    expect([...(one!.image as Uint8Array)]).toEqual(grey);
    const three = await read({ channels: 3 });
    expect([...(three[0]!.image as Uint8Array)]).toEqual(channelsOf([0, 1, 2]));
    expect(three[1]).toMatchObject({ channels: 3 });
    await expect(read({ channels: 5 })).rejects.toThrow("channels is 5");
  });

  test("give JPEGs nearly as they were", async () => {
    const width = 16;
    const data = Buffer.alloc(width * width * 4, 255);
    for (let i = 0; i < data.length; i += 4) data[i] = 40;
    put("a/1.jpeg", encode({ width, height: width, data }, 95).data);
    const [record] = await read();
    expect(record).toMatchObject({ height: width, width, channels: 3 });
    const image = record!.image as Uint8Array;
    image.forEach((value, i) =>
      expect(Math.abs(value - (i % 3 === 0 ? 40 : 255))).toBeLessThan(8),
    );
  });

  test("are read from any image, and know how many there are", async () => {
    for (let i = 0; i < 40; i++) put(`${i % 2}/${100 + i}.png`, png(0));
    const all = await read();
    const source = await openSource(folder);
    const schema = await images.schema(source, {});
    const { records, places } = await images.index!(source, schema);
    expect(records).toBe(40);
    for (const place of places)
      expect(await read({}, place)).toEqual(all.slice(place.record));
    put("0/999.png", png(0));
    expect(await read()).toHaveLength(41);
  });

  test("are refused without images in folders of classes", async () => {
    put("1.png", png(0));
    await expect(read()).rejects.toThrow(/has no images by class/);
  });

  test.each([
    ["1.png", () => png(6).subarray(0, 60)],
    ["1.jpg", () => jpeg().subarray(0, 300)],
    ["1.jpg", () => Buffer.from("GIF89a")],
  ])("name the image %s that is broken", async (name, bytes) => {
    put("a/0.png", png(0));
    put(`a/${name}`, bytes());
    await expect(read()).rejects.toThrow(
      `${folder}, record 1: a/${name} cannot be decoded: `,
    );
  });

  test("of which one cannot be read have a record that cannot be decoded: a link that leads nowhere", async () => {
    put("a/0.png", png(0));
    put("a/2.png", png(0));
    symlinkSync("../gone.png", join(folder, "a/1.png"));
    await expect(read()).rejects.toThrow(
      `${folder}, record 1: a/1.png cannot be read: it is a link to ../gone.png, which is not there; mend the link, or remove it`,
    );
    const quality = { onBadRecord: "skip" } as const;
    const paths: unknown[] = [];
    for await (const { path } of await openLocalDataset(folder, {
      ...{ shuffle: false, quality },
    }))
      paths.push(path);
    expect(paths).toEqual(["a/0.png", "a/2.png"]);
  });

  test("among whose classes is a link that leads nowhere are refused: labels would be others", async () => {
    put("b/0.png", png(0));
    symlinkSync("gone", join(folder, "a"));
    await expect(openCatalogue(folder)).rejects.toThrow(
      `${join(folder, "a")} cannot be read: it is a link to gone, which is not there; mend the link, or remove it`,
    );
    // In other folders it is nobody's business.
    put("lines/x.txt", "a\n");
    symlinkSync("gone", join(folder, "lines/link"));
    expect((await openCatalogue(join(folder, "lines"))).format).toBe("text");
  });

  const withSize = (bytes: Buffer, width: number, height: number) => {
    const changed = Buffer.from(bytes);
    const isPng = changed[0] === 0x89;
    const frame = changed.indexOf(Buffer.of(0xff, 0xc0));
    if (isPng) changed.writeUInt32BE(width, 16);
    else changed.writeUInt16BE(width, frame + 7);
    if (isPng) changed.writeUInt32BE(height, 20);
    else changed.writeUInt16BE(height, frame + 5);
    return changed;
  };
  test.each([
    ["1.png", () => withSize(png(6), 2 ** 31 - 1, 2 ** 31 - 1)],
    ["1.png", () => withSize(png(6), 100_000, 1001)],
    ["1.jpg", () => withSize(jpeg(), 65_535, 65_535)],
  ])(
    "whose header claims too many pixels (%s) are refused, and no memory is taken",
    async (name, bytes) => {
      put(`a/${name}`, bytes());
      const before = process.memoryUsage().rss;
      await expect(read()).rejects.toThrow(
        /record 0: a\/1\..* its header says that it has \d+ × \d+ pixels, and 100 million are the most that are decoded; make it smaller/,
      );
      expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
    },
  );

  test("that unpack to more than their pixels are refused", async () => {
    const image = interlaced(png(6), 50_000_000);
    put("a/1.png", image);
    const before = process.memoryUsage().rss;
    await expect(read()).rejects.toThrow(
      `a/1.png cannot be decoded: it unpacks to more than its ${WIDTH} × ${HEIGHT} pixels need; it is damaged`,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(40e6);
  });

  test("are a dataset's one file, with and without a slash, and other folders are not", async () => {
    put("train/a/0.png", png(0));
    put("lines/x.txt", "a\n");
    for (const pattern of ["train", "train/"]) {
      const { format, files } = await openCatalogue(join(folder, pattern));
      expect([format, files.length]).toEqual(["images", 1]);
      expect(formatOf(files[0]!.path)).toBe(images);
    }
    expect((await openCatalogue(join(folder, "lines"))).format).toBe("text");
  });
});
