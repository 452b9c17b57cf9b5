import { inflateSync } from "node:zlib";
import { DataError } from "@tsmpi/protocol";

/** What an image says of itself before its pixels. */
export interface ImageHeader {
  readonly kind: "png" | "jpeg";
  readonly height: number;
  readonly width: number;
  /** 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA). */
  readonly channels: number;
}

/** 400 MB of RGBA, and some times that while it is decoded: as Pillow and jpeg-js have it, about. */
const MOST_PIXELS = 100_000_000;

/** @throws {DataError} no image of a kind that is known, or one of more pixels than are decoded: nothing is allocated for them */
export function imageHeader(bytes: Buffer): ImageHeader {
  const header = headerOf(bytes);
  if (header === null) throw new DataError("it is neither a PNG nor a JPEG");
  const { height, width, kind } = header;
  if (height * width > MOST_PIXELS)
    throw new DataError(
      `its header says that it has ${width} × ${height} pixels, and ${MOST_PIXELS / 1e6} million are the most that are decoded; make it smaller, or cut it into several`,
    );
  if (kind === "png") assertUnpacks(bytes, header);
  return header;
}

const PNG_MAGIC = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const PNG_HEADER_BYTES = 33;

function headerOf(bytes: Buffer): ImageHeader | null {
  if (bytes.subarray(0, PNG_MAGIC.length).equals(PNG_MAGIC))
    return pngHeader(bytes);
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegHeader(bytes) : null;
}

const CHANNELS_OF_PNG: Readonly<Record<number, number>> = {
  ...{ 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 },
};

/** Source: PNG specification, 11.2.2. */
function pngHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < PNG_HEADER_BYTES)
    throw new DataError("it ends within its header; it was cut off");
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const channels = CHANNELS_OF_PNG[bytes[COLOUR_TYPE_AT]!];
  if (channels === undefined)
    throw new DataError(
      `a PNG has no colour type ${bytes[COLOUR_TYPE_AT]}; it is damaged`,
    );
  return { kind: "png", height, width, channels };
}

const DEPTH_AT = 24;
const COLOUR_TYPE_AT = 25;
const INTERLACE_AT = 28;

/** The library unpacks an interlaced PNG whole, however long that is. */
function assertUnpacks(bytes: Buffer, { width, height }: ImageHeader): void {
  if (bytes[INTERLACE_AT] === 0) return;
  const packed: Buffer[] = [];
  for (let at = PNG_MAGIC.length; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT")
      packed.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  // Seven small images, of which each row has a byte more: 4 channels at most.
  const rowBytes = (width * 4 * Math.max(8, bytes[DEPTH_AT]!)) / 8 + 2;
  const maxOutputLength = 2 * rowBytes * height + 1024;
  try {
    inflateSync(Buffer.concat(packed), { maxOutputLength });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw new DataError(
        `it unpacks to more than its ${width} × ${height} pixels need; it is damaged`,
        { cause },
      );
    throw cause;
  }
}

/** From the header of its frame; where there is none, the library says so. Source: ITU-T T.81, B.2.2. */
function jpegHeader(bytes: Buffer): ImageHeader {
  for (let at = 2; at + 9 < bytes.length;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      // Any number of these may stand in front of a marker.
      at++;
      continue;
    }
    const isFrame =
      marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const [height, width] = [
        bytes.readUInt16BE(at + 5),
        bytes.readUInt16BE(at + 7),
      ];
      const channels = bytes[at + 9] === 1 ? 1 : 3;
      return { kind: "jpeg", height, width, channels };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return { kind: "jpeg", height: 0, width: 0, channels: 3 };
}
