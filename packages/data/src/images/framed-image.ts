import { readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { MOST_RECORD_BYTES } from "../framing";

const IS_READ = 0;
const IS_NOT_READ = 1;
const STATE_AT = 2;
const PATH_AT = 3;

/** The length of its path, 0, its path and its bytes; or 1, and behind its path why there are none. */
export async function readImage(
  folder: string,
  path: string,
): Promise<Uint8Array> {
  const name = Buffer.from(path);
  const head = Buffer.alloc(PATH_AT);
  head.writeUInt16LE(name.length);
  try {
    const { size } = await stat(join(folder, path));
    if (size > MOST_RECORD_BYTES)
      throw new Error(
        `it has ${size} bytes, and ${MOST_RECORD_BYTES} are the most that are read; make it smaller`,
      );
    const content = await readFile(join(folder, path));
    return Buffer.concat([head, name, content]);
  } catch (error) {
    head[STATE_AT] = IS_NOT_READ;
    const why = await whyUnreadable(join(folder, path), error as Error);
    return Buffer.concat([head, name, Buffer.from(why)]);
  }
}

export interface FramedImage {
  /** Within the folder. */
  readonly path: string;
  readonly content: Buffer;
  /** Why it could not be read; null: it was. */
  readonly failure: string | null;
}

export function unframed(bytes: Uint8Array): FramedImage {
  const { buffer, byteOffset, length } = bytes;
  const all = Buffer.from(buffer, byteOffset, length);
  const end = PATH_AT + all.readUInt16LE(0);
  const content = all.subarray(end);
  return {
    ...{ path: all.subarray(PATH_AT, end).toString(), content },
    failure: all[STATE_AT] === IS_READ ? null : content.toString(),
  };
}

/** A link that leads nowhere looks like a file that was there a moment ago. */
export async function whyUnreadable(
  path: string,
  cause: Error,
): Promise<string> {
  const target = await readlink(path).catch(() => null);
  return target === null || (cause as NodeJS.ErrnoException).code !== "ENOENT"
    ? cause.message
    : `it is a link to ${target}, which is not there; mend the link, or remove it`;
}
