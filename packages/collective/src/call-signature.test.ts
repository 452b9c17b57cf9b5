import { decodeHeader, encodeHeader, HEADER_BYTES } from "@tsmpi/protocol";
import { CALL_NAMES, callCode, callName } from "./calls";
import {
  type CallDescription,
  describeCall,
  isSameCall,
  signature,
} from "./call-signature";

const CALL: CallDescription = {
  name: "reduce",
  dtype: "float32",
  count: 1000,
  op: "SUM",
  root: 2,
};

describe("describeCall", () => {
  it.each([
    [CALL, "reduce(float32 × 1000, SUM, root 2)"],
    [{ name: "barrier" }, "barrier()"],
    [{ name: "bcast", root: 0 }, "bcast(root 0)"],
    [
      { name: "bcast", dtype: "int8", count: 0, root: 1 },
      "bcast(int8 × 0, root 1)",
    ],
    [
      { name: "gatherv", dtype: "float64", root: 0 },
      "gatherv(float64, root 0)",
    ],
    [{ name: "allreduce", op: "user" }, "allreduce(an op of the user's)"],
    [{ name: "Create_cart" }, "Create_cart()"],
  ] as const)("says %j as a person would: %s", (call, text) => {
    expect(describeCall(signature(call))).toBe(text);
  });

  it("says even a call that this version does not know", () => {
    expect(describeCall({ ...signature(CALL), collective: 200, op: 0 })).toBe(
      "call 200(float32 × 1000, root 2)",
    );
  });
});

describe("what else ranks must say alike", () => {
  const call = { name: "Create_cart", rest: { dims: [2, 2] } } as const;

  it("is said in words where it is known, and told apart where it has travelled", () => {
    expect(describeCall(signature(call), call.rest)).toBe(
      'Create_cart({"dims":[2,2]})',
    );
    expect(describeCall(signature(call))).toMatch(
      /^Create_cart\(arguments #\w+\)$/,
    );
  });

  it("is cut if it is long", () => {
    const rest = Array.from({ length: 1_000 }, () => 1);
    const text = describeCall(signature({ ...call, rest }), rest);
    expect(text.length).toBeLessThan(150);
  });

  it("makes two calls two", () => {
    const other = signature({ ...call, rest: { dims: [4, 1] } });
    expect(isSameCall(signature(call), other)).toBe(false);
  });
});

describe("signature", () => {
  it("is the same for the same call, also when it has travelled in a header", () => {
    const header = new Uint8Array(HEADER_BYTES);
    encodeHeader(header, {
      kind: "collective",
      ...{ source: 0, context: 0, tag: 0, message: 0 },
      call: signature(CALL),
      ...{ payloadBytes: 0, extent: 0 },
    });
    expect(isSameCall(signature(CALL), decodeHeader(header)!.call)).toBe(true);
  });

  it.each([
    ["name", { name: "allreduce" }],
    ["dtype", { dtype: "int32" }],
    ["count", { count: 999 }],
    ["op", { op: "MAX" }],
    ["op, the user's", { op: "user" }],
    ["op, none", { op: null }],
    ["root", { root: 0 }],
    ["root, none", { root: null }],
    ["further argument", { rest: [1, 1] }],
  ] as const)("differs for another %s", (_, change) => {
    const other = signature({ ...CALL, ...change });
    expect(isSameCall(signature(CALL), other)).toBe(false);
    expect(isSameCall(other, signature(CALL))).toBe(false);
  });
});

describe("callCode", () => {
  it("gives each name a code of its own that fits a byte and is none of a message's", () => {
    const codes = CALL_NAMES.map(callCode);
    expect(new Set(codes).size).toBe(CALL_NAMES.length);
    for (const code of codes) {
      expect(code).toBeGreaterThan(0);
      expect(code).toBeLessThan(256);
    }
    expect(codes.map(callName)).toEqual(CALL_NAMES);
  });
});
