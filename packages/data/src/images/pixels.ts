import { DataError } from "@tsmpi/protocol";

/** Pixels row by row, each of `channels` bytes: grey, grey and alpha, RGB, or RGBA. */
export interface Pixels {
  readonly image: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

const PNG_MAGIC = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/**
 * A function of a PNG's or a JPEG's bytes. Samples of 16 bits are rounded to 8, palettes become RGB. How a camera was held (EXIF) is
 * not looked at.
 *
 * @param wanted channels of every image, whatever it has itself; null: its own
 */
export async function pixelDecoder(
  wanted: number | null,
): Promise<(bytes: Buffer) => Pixels> {
  const [{ PNG }, { decode }] = await Promise.all([
    import("pngjs"),
    import("jpeg-js"),
  ]);
  return (bytes) => {
    if (bytes.subarray(0, 8).equals(PNG_MAGIC)) {
      const { data, height, width } = PNG.sync.read(bytes);
      const channels = wanted ?? CHANNELS_OF_PNG[bytes[COLOUR_TYPE]!]!;
      return ofRgba(data, { height, width, channels });
    }
    if (bytes[0] === 0xff && bytes[1] === 0xd8) {
      const options = { useTArray: true, tolerantDecoding: false } as const;
      const { data, height, width } = decode(bytes, options);
      const channels = wanted ?? (jpegComponents(bytes) === 1 ? 1 : 3);
      return ofRgba(data, { height, width, channels });
    }
    throw new DataError("it is neither a PNG nor a JPEG");
  };
}

/** Byte of a PNG. Source: PNG specification, 11.2.2. */
const COLOUR_TYPE = 25;
const CHANNELS_OF_PNG: Readonly<Record<number, number>> = {
  ...{ 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 },
};

/** Both libraries give RGBA, whatever is in the file. */
function ofRgba(
  rgba: Uint8Array,
  { height, width, channels }: Omit<Pixels, "image">,
): Pixels {
  const pixels = height * width;
  const image = new Uint8Array(pixels * channels);
  const isGrey = channels <= 2;
  for (let pixel = 0, to = 0; pixel < pixels; pixel++) {
    const from = pixel * 4;
    if (isGrey) image[to++] = brightness(rgba, from);
    else
      for (let channel = 0; channel < 3; channel++)
        image[to++] = rgba[from + channel]!;
    if (channels % 2 === 0) image[to++] = rgba[from + 3]!;
  }
  return { image, height, width, channels };
}

/** Of ITU-R BT.601, as Pillow and TensorFlow have it. */
const brightness = (rgba: Uint8Array, at: number): number =>
  (rgba[at]! * 299 + rgba[at + 1]! * 587 + rgba[at + 2]! * 114 + 500) / 1000;

/** From the header of its frame. Source: ITU-T T.81, B.2.2. */
function jpegComponents(bytes: Buffer): number {
  for (let at = 2; at + 9 < bytes.length;) {
    const marker = bytes[at + 1]!;
    const isFrame =
      marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return bytes[at + 9]!;
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return 3;
}
