import { UnknownNameError } from "@tsmpi/protocol";
import type { Format } from "./format";
import * as members from "./formats";

export type FormatName = (typeof members)[keyof typeof members]["name"];

/** All formats, by name. */
export const FORMATS: ReadonlyMap<string, Format> = new Map(
  Object.values(members).map((format) => [format.name, format as Format]),
);

/** Behind an extension; what it says of the bytes, not of the records. */
const COMPRESSED = /\.(gz|zst)$/;

/** @throws {UnknownNameError} no format has this extension; lists those there are */
export function formatOf(path: string, name?: string): Format {
  const plain = path.replace(COMPRESSED, "");
  const found =
    name === undefined
      ? [...FORMATS.values()].find(({ extensions }) =>
          extensions.some((extension) => plain.endsWith(extension)),
        )
      : FORMATS.get(name);
  if (found) return found;
  const known = [...FORMATS.values()].map(
    (format) => `${format.name} (${format.extensions.join(" ")})`,
  );
  throw new UnknownNameError(
    `${name === undefined ? `what ${path} holds cannot be told by its name` : `there is no format ${name}`}; the formats are ${known.join(", ")}${name === undefined ? "; name one with --format" : ""}`,
  );
}
