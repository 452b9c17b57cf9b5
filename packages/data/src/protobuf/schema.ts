import { ArgumentError, DataError } from "@tsmpi/protocol";
import type { INamespace, NamespaceBase, Type } from "protobufjs";
import type { FormatOptions } from "../format";
import { optionInWords } from "../option-words";

/** A message and all it is made of: whoever has this needs no `.proto`. */
export interface MessageSchema {
  /** Full name, with its package. */
  readonly message: string;
  /** What the `.proto` says, as protobufjs has it in JSON. */
  readonly descriptor: INamespace;
}

/**
 * Reads the user's `.proto`, with what it imports.
 *
 * @throws {ArgumentError} none is named, or not which of its messages a record is
 * @throws {DataError} it cannot be read, or has no such message
 */
export async function messageSchema({
  proto,
  message,
}: FormatOptions): Promise<MessageSchema> {
  if (proto === undefined)
    throw new ArgumentError(
      `files of Protocol Buffers do not say what they hold: give the path of the .proto (${optionInWords("proto")}), and the name of the message (${optionInWords("message")})`,
    );
  const { Root } = await loadLibrary();
  const root = new Root();
  try {
    // Not `load`: an unknown type is thrown out of a callback there, where nobody can catch it.
    root.loadSync(proto, { keepCase: true });
    root.resolveAll();
  } catch (cause) {
    throw new DataError(
      `${proto} cannot be read as a .proto: ${(cause as Error).message}`,
      { cause },
    );
  }
  const type = typeNamed(message, await typesIn(root), proto);
  return { message: type.fullName.slice(1), descriptor: root.toJSON() };
}

/** The type of the messages, ready to decode and encode them. */
export async function typeOf({
  message,
  descriptor,
}: MessageSchema): Promise<Type> {
  const { Root } = await loadLibrary();
  const root = Root.fromJSON(descriptor);
  root.resolveAll();
  return root.lookupType(message).setup();
}

/** It takes some 20 ms to load, and only those who use it wait for that. */
export const loadLibrary = async (): Promise<typeof import("protobufjs")> => {
  const loaded = await import("protobufjs");
  // What CommonJS exports, seen from a module.
  return loaded.default ?? loaded;
};

function typeNamed(
  name: string | undefined,
  types: readonly Type[],
  proto: string,
): Type {
  const own = types.filter((type) => !type.fullName.startsWith(".google."));
  const names = own.map((type) => type.fullName.slice(1)).join(", ");
  if (name === undefined && own.length === 1) return own[0]!;
  if (name === undefined)
    throw new ArgumentError(
      `${proto} has ${own.length === 0 ? "no message" : `the messages ${names}`}; say which one a record is with ${optionInWords("message")}`,
    );
  const found =
    types.find(({ fullName }) => fullName === `.${name.replace(/^\./, "")}`) ??
    types.find((type) => type.name === name);
  if (found) return found;
  throw new DataError(
    `${proto} has no message ${name}; it has ${names || "none"}`,
  );
}

async function typesIn(namespace: NamespaceBase): Promise<Type[]> {
  const { Namespace, Type } = await loadLibrary();
  const types: Type[] = [];
  const look = (inside: NamespaceBase): void => {
    for (const member of inside.nestedArray) {
      if (member instanceof Type) types.push(member);
      if (member instanceof Namespace) look(member);
    }
  };
  look(namespace);
  return types;
}
