import {
  readBytes,
  writeBytes,
} from "../../../../test/data/formats/read-bytes";
import { text } from "./text";

describe("plain text", () => {
  test.each([
    ["a\n\nb\n", ["a", "", "b"]],
    ["a\r\n\r\nb", ["a", "", "b"]],
    ["\uFEFFa\n", ["a"]],
    ["", []],
    ["\n", [""]],
  ])("%j is a record a line", async (content, lines) => {
    expect(await readBytes(text, content)).toEqual(
      lines.map((line) => ({ text: line })),
    );
  });
  test.each([
    [{ text: "a\nb" }, "end of line"],
    [{ text: "a\r" }, "end of line"],
    [{ text: "\uFEFFa" }, "byte order mark"],
    [{ text: 5 }, "made of a record { text }"],
    [{ text: "a", id: 1 }, "this one has text, id"],
    [{ text: "\ud800" }, "surrogate"],
  ])("cannot hold %j", async (record, message) => {
    await expect(writeBytes(text, [record])).rejects.toThrow(message);
  });
});
