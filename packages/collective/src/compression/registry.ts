import { registeredName } from "@tsmpi/protocol";
import type { Codec } from "./codec";
import * as codecs from "./codecs";

type Registered = (typeof codecs)[keyof typeof codecs];

/** How the values of an all-reduce may look on the wire. */
export type Compression = Registered["name"];

/** What a user may ask for. */
export type WantedCompression = "none" | Compression;

export const CODECS: readonly Codec<Compression>[] = Object.values(codecs);

export const COMPRESSIONS: readonly WantedCompression[] = [
  "none",
  ...CODECS.map(({ name }) => name),
];

/**
 * What a user asks for, by name.
 *
 * @throws {UnknownNameError} lists the names there are
 */
export const compressionNamed = (name: string): WantedCompression =>
  registeredName("compression", name, COMPRESSIONS);

export const codecNamed = (name: Compression): Codec<Compression> =>
  CODECS.find((codec) => codec.name === name)!;
