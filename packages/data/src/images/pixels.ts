import { imageHeader } from "./image-header";

/** Pixels row by row, each of `channels` bytes: grey, grey and alpha, RGB, or RGBA. */
export interface Pixels {
  readonly image: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * A function of a PNG's or a JPEG's bytes. Samples of 16 bits are rounded to 8, palettes become RGB. How a camera was held (EXIF) is
 * not looked at. What it throws says what is wrong, and not in which image.
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
    const { kind, channels } = imageHeader(bytes);
    const { data, height, width } =
      kind === "png" ? PNG.sync.read(bytes) : decode(bytes, JPEG_OPTIONS);
    return ofRgba(data, { height, width, channels: wanted ?? channels });
  };
}

const JPEG_OPTIONS = {
  useTArray: true,
  tolerantDecoding: false,
  // Enough for as many pixels as are decoded.
  maxMemoryUsageInMB: 2048,
} as const;

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
