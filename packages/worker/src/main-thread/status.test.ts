import { ArgumentError, BufferTypeError, ERROR_NUMBERS } from "@tsmpi/protocol";
import { ANY_SOURCE, ANY_TAG, UNDEFINED } from "./constants";
import { DATATYPE_NULL, DATATYPES } from "./datatype";
import { Status } from "./status";

const { ERR_ARG, SUCCESS } = ERROR_NUMBERS;
const { BYTE, DOUBLE, INT, TWOINT } = DATATYPES;

/** Of a message of so many bytes. */
function statusOf(bytes: number): Status {
  const status = new Status();
  status.set({ source: 1, tag: 2 }, bytes);
  return status;
}

describe("a new status", () => {
  it("says any source, any tag, success, nothing, not cancelled", () => {
    const status = new Status();
    expect(status.Get_source()).toBe(ANY_SOURCE);
    expect(status.Get_tag()).toBe(ANY_TAG);
    expect(status.Get_error()).toBe(SUCCESS);
    expect(status.Get_count()).toBe(0);
    expect(status.Get_elements(INT)).toBe(0);
    expect(status.Is_cancelled()).toBe(false);
  });

  it("that is copied from another says what that one says, and goes its own way", () => {
    const status = statusOf(7);
    status.error = ERR_ARG;
    status.cancelled = true;
    const copy = new Status(status);
    expect(copy).toMatchObject({
      source: 1,
      tag: 2,
      error: ERR_ARG,
      count: 7,
      cancelled: true,
    });
    expect(copy.equals(status)).toBe(true);
    for (const [name, value] of [
      ["source", 5],
      ["tag", 5],
      ["error", 5],
      ["count", 5],
      ["cancelled", false],
    ] as const) {
      const other = new Status(status);
      Object.assign(other, { [name]: value });
      expect(other.equals(status)).toBe(false);
      expect(status.equals(copy)).toBe(true);
    }
  });

  it.each([123, "abc", {}])("cannot be copied from %p", (other) => {
    expect(() => new Status(other as never)).toThrow(ArgumentError);
  });
});

describe("methods and properties", () => {
  it("read what the others wrote", () => {
    const status = new Status();
    status.Set_source(3);
    status.Set_tag(4);
    status.Set_error(ERR_ARG);
    status.Set_cancelled(true);
    expect(status).toMatchObject({
      source: 3,
      tag: 4,
      error: ERR_ARG,
      cancelled: true,
    });
    Object.assign(status, { source: 5, tag: 6, error: 0, cancelled: false });
    expect([status.Get_source(), status.Get_tag()]).toEqual([5, 6]);
    expect([status.Get_error(), status.Is_cancelled()]).toEqual([0, false]);
    status.count = 7;
    expect(status.Get_count(BYTE)).toBe(7);
  });
});

describe("a message", () => {
  it.each([
    [24, undefined, 24],
    [24, BYTE, 24],
    [24, INT, 6],
    [24, "float64", 3],
    [24, TWOINT, 3],
    [20, TWOINT, UNDEFINED],
    [20, DOUBLE, UNDEFINED],
    [20, "float16", 10],
    [0, DOUBLE, 0],
  ] as const)("of %i bytes has a count, %#", (bytes, datatype, count) => {
    expect(statusOf(bytes).Get_count(datatype)).toBe(count);
  });

  it.each([
    [24, INT, 6],
    [24, TWOINT, 6],
    [20, TWOINT, 5],
    [22, TWOINT, UNDEFINED],
  ] as const)("of %i bytes has elements, %#", (bytes, datatype, count) => {
    expect(statusOf(bytes).Get_elements(datatype)).toBe(count);
  });

  it("of so many elements has their bytes", () => {
    const status = new Status();
    status.Set_elements(TWOINT, 6);
    expect(status.Get_elements(TWOINT)).toBe(6);
    expect(status.Get_count(TWOINT)).toBe(3);
    expect(status.count).toBe(24);
  });

  it("wipes what an earlier one left", () => {
    const status = statusOf(3);
    status.error = ERR_ARG;
    status.cancelled = true;
    status.set({ source: 0, tag: 0 }, 1);
    expect(status).toMatchObject({ error: SUCCESS, cancelled: false });
  });

  it("cannot be counted in DATATYPE_NULL", () => {
    const status = statusOf(8);
    for (const call of [
      () => status.Get_count(DATATYPE_NULL),
      () => status.Get_elements(DATATYPE_NULL),
      () => status.Set_elements(DATATYPE_NULL, 0),
    ])
      expect(call).toThrow(BufferTypeError);
  });
});
