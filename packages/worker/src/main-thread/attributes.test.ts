import {
  addCode,
  ArgumentError,
  ERROR_NUMBERS,
  KeyvalError,
  TagError,
  TsmpiError,
} from "@tsmpi/protocol";
import {
  APPNUM,
  AttributeTable,
  createKeyval,
  freeKeyval,
  HOST,
  IO,
  KEYVAL_INVALID,
  LASTUSEDCODE,
  predefinedAttribute,
  TAG_UB,
  UNIVERSE_SIZE,
  WTIME_IS_GLOBAL,
} from "./attributes";
import { ANY_SOURCE, PROC_NULL } from "./constants";

const value = [1, 2, 3];
const tableOf = (owner: string): AttributeTable<string> =>
  new AttributeTable(owner);

/** What a copy of an object has, if it has `value` for a key made like this. */
function copied(...args: Parameters<typeof createKeyval<string>>): unknown {
  const keyval = createKeyval<string>(...args);
  const table = tableOf("old");
  table.set(keyval, value);
  const copy = tableOf("new");
  table.copyTo(copy);
  return copy.get(keyval);
}

describe("an attribute", () => {
  it("is null, then what it was set to, then null again when it is deleted", () => {
    const keyval = createKeyval();
    const table = tableOf("a");
    expect(table.get(keyval)).toBeNull();
    table.set(keyval, value);
    expect(table.get(keyval)).toBe(value);
    table.delete(keyval);
    expect(table.get(keyval)).toBeNull();
    table.delete(keyval);
  });

  it("is one for each key and each object", () => {
    const [one, other] = [createKeyval(), createKeyval()];
    expect(one).not.toBe(other);
    const table = tableOf("a");
    table.set(one, 1);
    table.set(other, 2);
    expect([table.get(one), table.get(other)]).toEqual([1, 2]);
    expect(tableOf("b").get(one)).toBeNull();
  });

  it("takes whole numbers only if its key says so", () => {
    const keyval = createKeyval(null, null, true);
    const table = tableOf("a");
    for (const number of [0, 123456789]) {
      table.set(keyval, number);
      expect(table.get(keyval)).toBe(number);
    }
    for (const other of ["a", 1.5, null])
      expect(() => table.set(keyval, other)).toThrow(ArgumentError);
  });
});

describe("copying an object", () => {
  it("copies the attributes whose key says so", () => {
    expect(copied()).toBeNull();
    expect(copied(null)).toBeNull();
    expect(copied(false)).toBeNull();
    expect(copied(true)).toBe(value);
    expect(copied({ copy_fn: true })).toBe(value);
    expect(copied({ delete_fn: () => {} })).toBeNull();
  });

  it("asks a copy function, which gets the old object", () => {
    const seen: unknown[] = [];
    const result = copied((owner, keyval, old) => {
      seen.push(owner, typeof keyval, old);
      return "other";
    });
    expect(seen).toEqual(["old", "number", value]);
    expect(result).toBe("other");
    expect(copied(() => undefined)).toBeNull();
  });

  it("copies what the copy function itself gave, again", () => {
    const keyval = createKeyval((_owner: string, _k, old) => Number(old) + 1);
    const tables = ["a", "b", "c"].map(tableOf);
    tables[0]!.set(keyval, 1);
    tables[0]!.copyTo(tables[1]!);
    tables[1]!.copyTo(tables[2]!);
    expect(tables.map((table) => table.get(keyval))).toEqual([1, 2, 3]);
  });

  it("gives the copy nothing to delete where it copies nothing", () => {
    const seen: string[] = [];
    const keyval = createKeyval(false, (owner: string) => seen.push(owner));
    const [table, copy] = [tableOf("old"), tableOf("new")];
    table.set(keyval, value);
    table.copyTo(copy);
    copy.deleteAll();
    expect(seen).toEqual([]);
  });

  it("fails with ERR_OTHER if a copy function throws", () => {
    const cause = new RangeError("mine");
    const copy = () =>
      copied(() => {
        throw cause;
      });
    expect(copy).toThrow("mine");
    expect(copy).toThrow(
      expect.objectContaining({ code: "ERR_OTHER", cause }) as Error,
    );
  });
});

describe("the delete function", () => {
  /** A table with two attributes, and what their delete functions saw. */
  function watched() {
    const seen: unknown[] = [];
    const table = tableOf("owner");
    const keyvals = ["first", "second"].map((name) => {
      const keyval = createKeyval(null, (owner: string, number, old) =>
        seen.push(owner, number === keyval, old),
      );
      table.set(keyval, name);
      return keyval;
    });
    return { seen, table, keyvals };
  }

  it("is called when an attribute is deleted, or set anew", () => {
    const { seen, table, keyvals } = watched();
    table.set(keyvals[0]!, "third");
    expect(seen).toEqual(["owner", true, "first"]);
    table.delete(keyvals[0]!);
    expect(seen.slice(3)).toEqual(["owner", true, "third"]);
    table.delete(keyvals[0]!);
    expect(seen).toHaveLength(6);
  });

  it("is called for each attribute when the object is freed, the last set first", () => {
    const { seen, table, keyvals } = watched();
    table.deleteAll();
    expect(seen).toEqual(["owner", true, "second", "owner", true, "first"]);
    expect(keyvals.map((keyval) => table.get(keyval))).toEqual([null, null]);
  });

  it("is called, and the copy function too, after its key was freed", () => {
    const { seen, table, keyvals } = watched();
    keyvals.forEach(freeKeyval);
    table.deleteAll();
    expect(seen).toHaveLength(6);
  });

  it("that throws makes the call fail with ERR_OTHER, and the attribute goes all the same", () => {
    const keyval = createKeyval(null, () => {
      throw new RangeError("mine");
    });
    const table = tableOf("a");
    table.set(keyval, 1);
    let caught: unknown;
    try {
      table.delete(keyval);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TsmpiError);
    expect((caught as TsmpiError).Get_error_class()).toBe(
      ERROR_NUMBERS.ERR_OTHER,
    );
    expect((caught as TsmpiError).message).toContain("RangeError: mine");
    expect(table.get(keyval)).toBeNull();
  });

  it("that throws keeps none of the others from going; an error of MPI's stays what it is", () => {
    const { seen, table } = watched();
    const keyval = createKeyval(null, () => {
      throw new TagError("mine");
    });
    table.set(keyval, 1);
    expect(() => table.deleteAll()).toThrow(TagError);
    expect(seen).toHaveLength(6);
  });

  it("may be true, as in mpi4py, and is none then", () => {
    const keyval = createKeyval(null, true);
    const table = tableOf("a");
    table.set(keyval, 1);
    table.delete(keyval);
    expect(table.get(keyval)).toBeNull();
  });
});

describe("a key", () => {
  it("that was freed is none any more", () => {
    const keyval = createKeyval(true);
    const table = tableOf("a");
    table.set(keyval, 1);
    expect(freeKeyval(keyval)).toBe(KEYVAL_INVALID);
    for (const call of [
      () => freeKeyval(keyval),
      () => table.get(keyval),
      () => table.set(keyval, 2),
      () => table.delete(keyval),
    ])
      expect(call).toThrow(KeyvalError);
  });

  it.each([KEYVAL_INVALID, -1, 77])("%i is none", (keyval) => {
    expect(() => tableOf("a").get(keyval)).toThrow(KeyvalError);
    expect(() => freeKeyval(keyval)).toThrow(KeyvalError);
  });
});

describe("MPI's own keys", () => {
  const table = new AttributeTable("a", (keyval) =>
    predefinedAttribute(keyval, { worldSize: 5 }),
  );

  it.each([
    ["TAG_UB", TAG_UB, 2 ** 31 - 1],
    ["IO", IO, ANY_SOURCE],
    ["HOST", HOST, PROC_NULL],
    ["WTIME_IS_GLOBAL", WTIME_IS_GLOBAL, false],
    ["UNIVERSE_SIZE", UNIVERSE_SIZE, 5],
    ["APPNUM", APPNUM, 0],
  ])("%s has a value, which cannot be changed", (_, keyval, expected) => {
    expect(table.get(keyval)).toBe(expected);
    expect(() => table.set(keyval, 1)).toThrow(KeyvalError);
    expect(() => table.delete(keyval)).toThrow(KeyvalError);
    expect(() => freeKeyval(keyval)).toThrow("is MPI's own");
  });

  it("LASTUSEDCODE follows the codes that the program adds", () => {
    const code = addCode(null);
    expect(table.get(LASTUSEDCODE)).toBe(code);
  });
});
