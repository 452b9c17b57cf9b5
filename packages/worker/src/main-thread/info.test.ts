import {
  ArgumentError,
  InfoError,
  InfoKeyError,
  InfoNoKeyError,
  InfoValueError,
} from "@tsmpi/protocol";
import { Info, INFO_ENV, INFO_NULL, MAX_INFO_KEY, MAX_INFO_VAL } from "./info";

const DATA = { key1: "value1", key2: "value2" };

describe("Create", () => {
  it.each([
    ["null", null, {}],
    ["nothing", undefined, {}],
    ["an object", DATA, DATA],
    ["pairs", Object.entries(DATA), DATA],
    ["a Map", new Map(Object.entries(DATA)), DATA],
    ["an info", Info.Create(DATA), DATA],
    ["no pairs", [], {}],
  ])("takes %s", (_, items, expected) => {
    const info = Info.Create(items);
    expect(Object.fromEntries(info.items())).toEqual(expected);
    expect(info.isNull).toBe(false);
  });

  it.each([
    ["a number", 123, ArgumentError],
    ["text", "ab", ArgumentError],
    ["lists that are no pairs", [["a"]], ArgumentError],
    ["a key that is no text", [[1, "a"]], InfoKeyError],
    ["a value that is no text", { a: 1 }, InfoValueError],
  ])("refuses %s", (_, items, errorClass) => {
    expect(() => Info.Create(items as never)).toThrow(errorClass);
  });
});

describe("MPI's calls", () => {
  it("set, get, count and delete keys", () => {
    const info = Info.Create();
    expect(info.Get_nkeys()).toBe(0);
    expect(info.Get("key")).toBeNull();
    info.Set("key", "value");
    info.Set("other", "");
    info.Set("key", "new");
    expect(info.Get_nkeys()).toBe(2);
    expect([info.Get_nthkey(0), info.Get_nthkey(1)]).toEqual(["key", "other"]);
    expect([info.Get("key"), info.Get("other")]).toEqual(["new", ""]);
    info.Delete("key");
    expect(info.Get_nkeys()).toBe(1);
    expect(info.Get("key")).toBeNull();
  });

  it("duplicate into another info", () => {
    const info = Info.Create(DATA);
    const dup = info.Dup();
    expect(dup.items()).toEqual(info.items());
    expect(dup.equals(info)).toBe(false);
    dup.Set("key1", "new");
    expect(info.Get("key1")).toBe("value1");
  });

  it.each([
    [
      "a key that is not there",
      () => Info.Create().Delete("key"),
      InfoNoKeyError,
    ],
    ["the first key of none", () => Info.Create().Get_nthkey(0), ArgumentError],
    ["key −1", () => Info.Create(DATA).Get_nthkey(-1), ArgumentError],
    ["an empty key", () => Info.Create().Set("", "a"), InfoKeyError],
    [
      "a key that is too long",
      () => Info.Create().Set("k".repeat(MAX_INFO_KEY + 1), "a"),
      InfoKeyError,
    ],
    [
      "a value that is too long",
      () => Info.Create().Set("k", "a".repeat(MAX_INFO_VAL + 1)),
      InfoValueError,
    ],
  ])("refuse %s", (_, call, errorClass) => {
    expect(call).toThrow(errorClass);
  });

  it("take the longest key and value that there are", () => {
    const key = "k".repeat(MAX_INFO_KEY);
    const value = "v".repeat(MAX_INFO_VAL);
    expect(Info.Create({ [key]: value }).Get(key)).toBe(value);
  });
});

describe("the mapping", () => {
  it("reads", () => {
    const info = Info.Create(DATA);
    expect(info.size).toBe(2);
    expect([...info]).toEqual(["key1", "key2"]);
    expect(info.keys()).toEqual(["key1", "key2"]);
    expect(info.values()).toEqual(["value1", "value2"]);
    expect(info.items()).toEqual(Object.entries(DATA));
    expect([info.has("key1"), info.has("key3")]).toEqual([true, false]);
    expect(info.get("key1", "x")).toBe("value1");
    expect(info.get("key3")).toBeNull();
    expect(info.get("key3", "x")).toBe("x");
  });

  it("takes keys out, the last one first", () => {
    const info = Info.Create({ ...DATA, key3: "value3" });
    expect(info.pop("key1")).toBe("value1");
    expect(info.pop("key1", "x")).toBe("x");
    expect(info.pop("key1", undefined)).toBeUndefined();
    expect(() => info.pop("key1")).toThrow(InfoNoKeyError);
    expect(info.popitem()).toEqual(["key3", "value3"]);
    expect(info.popitem()).toEqual(["key2", "value2"]);
    expect(() => info.popitem()).toThrow(InfoNoKeyError);
  });

  it("updates from all that Create takes, and more", () => {
    const info = Info.Create(DATA);
    info.update([["key1", "new1"]], { key3: "value3" });
    info.update({ key2: "new2" });
    info.update();
    expect(info.items()).toEqual([
      ["key1", "new1"],
      ["key2", "new2"],
      ["key3", "value3"],
    ]);
  });

  it("copies and clears", () => {
    const info = Info.Create(DATA);
    const copy = info.copy();
    info.clear();
    expect([info.size, copy.size]).toEqual([0, 2]);
  });
});

describe("a null handle", () => {
  const freed = Info.Create(DATA);
  freed.Free();

  it.each([
    ["INFO_NULL", INFO_NULL],
    ["a new one", new Info()],
    ["a freed one", freed],
  ])("%s is null, and empty as a mapping", (_, info) => {
    expect(info.isNull).toBe(true);
    expect(info.equals(INFO_NULL)).toBe(true);
    expect([info.size, info.has("k"), info.get("k", "x")]).toEqual([
      0,
      false,
      "x",
    ]);
    expect([info.keys(), info.values(), info.items()]).toEqual([[], [], []]);
    expect(info.pop("k", null)).toBeNull();
    expect(info.copy().isNull).toBe(true);
    info.clear();
    info.free();
  });

  it("refuses to be changed, and MPI's calls", () => {
    for (const call of [
      () => INFO_NULL.Free(),
      () => INFO_NULL.Dup(),
      () => INFO_NULL.Get("k"),
      () => INFO_NULL.Set("k", "v"),
      () => INFO_NULL.Delete("k"),
      () => INFO_NULL.Get_nkeys(),
      () => INFO_NULL.Get_nthkey(0),
      () => INFO_NULL.update([]),
    ])
      expect(call).toThrow(InfoError);
    expect(() => INFO_NULL.pop("k")).toThrow(InfoNoKeyError);
    expect(() => INFO_NULL.popitem()).toThrow(InfoNoKeyError);
  });

  it("is not another handle to what was freed", () => {
    const info = Info.Create(DATA);
    const handle = new Info(info);
    expect(handle.equals(info)).toBe(true);
    info.Free();
    expect(handle.Get("key1")).toBe("value1");
  });
});

describe("INFO_ENV", () => {
  it("says how this program was started", () => {
    expect(INFO_ENV.Get("command")).toBe(process.argv[1]);
    expect(INFO_ENV.Get("wdir")).toBe(process.cwd());
    expect(INFO_ENV.Get("maxprocs")).toBe("1");
    expect(INFO_ENV.Get("file")).toBeNull();
    expect(Info.Create_env().items()).toEqual(INFO_ENV.items());
  });

  it("cannot be changed; its Dup and Create_env's can", () => {
    for (const call of [
      () => INFO_ENV.Set("k", "v"),
      () => INFO_ENV.Delete("command"),
      () => INFO_ENV.pop("command"),
      () => INFO_ENV.clear(),
      () => INFO_ENV.Free(),
    ])
      expect(call).toThrow(InfoError);
    INFO_ENV.free();
    expect(INFO_ENV.isNull).toBe(false);
    for (const info of [INFO_ENV.Dup(), Info.Create_env()]) {
      info.Set("k", "v");
      info.Free();
    }
  });

  it.each([
    [null, process.argv[1]],
    [[], process.argv[1]],
    ["node", "node"],
    [["node", "a.js", "-v"], "node"],
    [{ args: ["node", "a.js", "-v"] }, "node"],
    [{ args: null }, process.argv[1]],
  ])("made with %j has that command", (args, command) => {
    expect(Info.Create_env(args).Get("command")).toBe(command);
  });

  it("made with arguments has those", () => {
    expect(Info.Create_env(["node", "a.js", "-v"]).Get("argv")).toBe("a.js -v");
  });
});
