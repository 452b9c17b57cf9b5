import { ERROR_NUMBERS } from "./error-classes";
import {
  addCode,
  classOfCode,
  hasCodes,
  isAddedClass,
  isAddedCode,
  lastUsedCode,
  removeCode,
  setTextOfCode,
  textOfCode,
} from "./error-codes";

const { ERR_LASTCODE, ERR_OTHER } = ERROR_NUMBERS;

describe("codes that a program adds", () => {
  it("come behind ERR_LASTCODE, one by one, and are the last used", () => {
    const first = addCode(null);
    const second = addCode(first);
    expect(first).toBeGreaterThan(ERR_LASTCODE);
    expect(second).toBe(first + 1);
    expect(lastUsedCode()).toBe(second);
  });

  it("belong to a class, a new one or MPI's", () => {
    const own = addCode(null);
    const code = addCode(own);
    const other = addCode(ERR_OTHER);
    expect(classOfCode(own)).toBe(own);
    expect(classOfCode(code)).toBe(own);
    expect(classOfCode(other)).toBe(ERR_OTHER);
    expect([own, code, other].map(isAddedClass)).toEqual([true, false, false]);
    expect([own, code, other].map(hasCodes)).toEqual([true, false, false]);
    expect(hasCodes(ERR_OTHER)).toBe(true);
    expect(hasCodes(addCode(null))).toBe(false);
  });

  it("have no text at first, then what they are given", () => {
    const code = addCode(ERR_OTHER);
    expect(textOfCode(code)).toBe("");
    setTextOfCode(code, "the disk is purple");
    expect(textOfCode(code)).toBe("the disk is purple");
  });

  it("are gone when they are removed, and their number is not used again", () => {
    const code = addCode(ERR_OTHER);
    removeCode(code);
    expect(isAddedCode(code)).toBe(false);
    expect(classOfCode(code)).toBeNull();
    expect(textOfCode(code)).toBeNull();
    expect(addCode(ERR_OTHER)).toBe(code + 1);
  });
});

test("MPI's own codes are their own classes and keep their text", () => {
  setTextOfCode(ERR_OTHER, "mine");
  expect(classOfCode(ERR_OTHER)).toBe(ERR_OTHER);
  expect(textOfCode(ERR_OTHER)).toMatch(/^ERR_OTHER: known/);
  expect(isAddedCode(ERR_OTHER)).toBe(false);
  expect(classOfCode(-1)).toBeNull();
});
