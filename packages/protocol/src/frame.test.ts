import {
  decodeHeader,
  encodeHeader,
  FRAME_KINDS,
  type FrameHeader,
  HEADER_BYTES,
} from "./frame";

const HEADER: FrameHeader = {
  kind: "collective",
  source: 65_535,
  context: 65_535 * 2 ** 32 + 0xfffffffe,
  tag: 2 ** 31 - 1,
  call: {
    collective: 7,
    dtype: 10,
    op: 255,
    root: 12,
    count: 2 ** 52,
    digest: 2 ** 32 - 1,
  },
  message: 0xffffffff,
  payloadBytes: 2 ** 40,
  extent: 2 ** 41,
};

function encoded(header: FrameHeader = HEADER): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  encodeHeader(bytes, header);
  return bytes;
}

describe("decodeHeader after encodeHeader", () => {
  it.each(FRAME_KINDS)("gives a header of kind %s back", (kind) => {
    expect(decodeHeader(encoded({ ...HEADER, kind }))).toEqual({
      ...HEADER,
      kind,
    });
  });

  it("gives a context of ours that no user's communicator has back", () => {
    const header = { ...HEADER, context: -1 - HEADER.context };
    expect(decodeHeader(encoded(header))).toEqual(header);
  });

  it("keeps apart root 0 and no root, and a count that is not compared", () => {
    for (const root of [0, null]) {
      const header = { ...HEADER, call: { ...HEADER.call, root, count: -1 } };
      expect(decodeHeader(encoded(header))).toEqual(header);
    }
  });

  it("reads a header in the middle of a buffer, with a payload behind it", () => {
    const buffer = new Uint8Array(3 + HEADER_BYTES + 9).fill(0xff);
    encodeHeader(buffer.subarray(3), HEADER);
    expect(decodeHeader(buffer.subarray(3))).toEqual(HEADER);
    expect([
      ...buffer.subarray(0, 3),
      ...buffer.subarray(3 + HEADER_BYTES),
    ]).toEqual(Array(12).fill(0xff));
  });
});

describe("encodeHeader", () => {
  it("writes the bytes that the documentation gives", () => {
    const bytes = Buffer.from(
      encoded({
        kind: "part",
        source: 1,
        context: 2,
        tag: -1,
        call: {
          collective: 3,
          dtype: 4,
          op: 5,
          root: null,
          count: 1,
          digest: 7,
        },
        message: 6,
        payloadBytes: 2,
        extent: 3,
      }),
    );
    expect(bytes.toString("hex")).toBe(
      "544d" +
        "04" +
        "05" +
        "01000000" +
        "0000000000000040" +
        "ffffffff" +
        "03040500" +
        "ffffffff" +
        "06000000" +
        "000000000000f03f" +
        "0000000000000040" +
        "0000000000000840" +
        "07000000" +
        "00000000",
    );
  });
});

describe("decodeHeader", () => {
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = encoded();
    bytes[at] = value;
    return bytes;
  };
  it.each([
    ["nothing", new Uint8Array(0)],
    ["a header cut short", encoded().subarray(0, HEADER_BYTES - 1)],
    ["zeros", new Uint8Array(HEADER_BYTES)],
    [
      "text",
      Buffer.from(
        "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a browser\r\nAccept: */*\r\n\r\n",
      ),
    ],
    ["another magic", changed(0, 0x55)],
    ["the version before", changed(2, 1)],
    ["no kind", changed(3, 0)],
    ["an unknown kind", changed(3, FRAME_KINDS.length + 1)],
  ])("takes %s for a stranger's", (_, bytes) => {
    expect(decodeHeader(bytes)).toBeNull();
  });
});
