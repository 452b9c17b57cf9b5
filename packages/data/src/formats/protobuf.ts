import type { Format } from "../format";
import { frames } from "../framing";
import { messageDecoder } from "../protobuf/decode";
import { messageEncoder } from "../protobuf/encode";
import { delimitedMessages, lengthPrefix } from "../protobuf/framer";
import { messageSchema, type MessageSchema, typeOf } from "../protobuf/schema";

/**
 * Protocol Buffers, messages of one type with their lengths in front of them. Options: `proto`, the path of the user's `.proto`, and
 * `message`, where it has more than one. Both are needed to write, too; other ranks get what they say with the schema.
 * Source: https://protobuf.dev/programming-guides/techniques/#streaming
 */
export const protobuf: Format<MessageSchema> = {
  name: "protobuf",
  extensions: [".pb", ".binpb", ".pbdelim"],
  summary: "Protocol Buffers, each message after its length; needs your .proto",
  schema: (_source, options) => messageSchema(options),
  read: (source, _schema, place) => frames(source, delimitedMessages(), place),
  decoder: async (schema) => messageDecoder(await typeOf(schema)),
  writing: {
    schemaOf: (_records, options) => messageSchema(options),
    encoder: async (schema) => messageEncoder(await typeOf(schema)),
    writer: (sink) => ({
      async write(bytes) {
        await sink.write(lengthPrefix(bytes.length));
        await sink.write(bytes);
      },
      end: () => Promise.resolve(),
    }),
  },
};
