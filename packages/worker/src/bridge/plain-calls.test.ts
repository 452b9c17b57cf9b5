import type { CallDescription } from "@tsmpi/collective";
import { Arena } from "./arena";
import type { Calls } from "./calls";
import {
  asPlainCall,
  decodePlainCall,
  encodePlainCall,
  PLAIN_CALL_BYTES,
} from "./plain-calls";

const arena = new Arena(1 << 16);
const buffer = arena.allocate("int32", 6);

const argumentsOf = (
  call: CallDescription,
  manner: Calls["allreduce"]["arguments"]["manner"] = {},
) =>
  ({
    ...{ context: 3 * 2 ** 32 + 256, number: 77, timeoutMs: 1_500.5 },
    ...{ call, buffer, manner },
  }) as Calls["allreduce"]["arguments"];

const ALLREDUCE: CallDescription = {
  name: "allreduce",
  dtype: "int32",
  count: 6,
  op: "MAX",
};

describe("asPlainCall", () => {
  it("gives the other thread the same call, over the same memory", () => {
    const call = asPlainCall(
      2 ** 33,
      "reduce",
      argumentsOf({ ...ALLREDUCE, name: "reduce", root: 2 }),
      buffer.byteOffset,
    )!;
    const record = new Uint8Array(new SharedArrayBuffer(PLAIN_CALL_BYTES));
    encodePlainCall(record, call);
    const decoded = decodePlainCall(record, arena.memory);
    expect(decoded).toEqual(call);
    buffer[5] = 42;
    expect("buffer" in decoded.arguments && decoded.arguments.buffer).toEqual(
      buffer,
    );
  });

  it("leaves to messages what numbers do not say", () => {
    const place = buffer.byteOffset;
    const plain = (...args: Parameters<typeof argumentsOf>) =>
      asPlainCall(0, "allreduce", argumentsOf(...args), place);
    expect(plain(ALLREDUCE)).not.toBeNull();
    expect(plain({ ...ALLREDUCE, rest: { algorithm: "ring" } })).toBeNull();
    expect(plain(ALLREDUCE, { algorithm: "ring" })).toBeNull();
    expect(
      asPlainCall(0, "allreduce", argumentsOf(ALLREDUCE), null),
    ).toBeNull();
    expect(
      asPlainCall(0, "bcast", argumentsOf(ALLREDUCE) as never, place),
    ).toBeNull();
  });
});
