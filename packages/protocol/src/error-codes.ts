import { errorClassName, errorClassText, ERROR_NUMBERS } from "./error-classes";

/**
 * Error classes and codes that the program has added to MPI's, in this process. A class is a code too, its own class; a code
 * belongs to a class. Numbers begin behind ERR_LASTCODE and are not used again.
 */
interface AddedCode {
  readonly errorClass: number;
  text: string;
}

const added = new Map<number, AddedCode>();
let lastUsed: number = ERROR_NUMBERS.ERR_LASTCODE;

/** The largest code that was ever in use: MPI's attribute LASTUSEDCODE. */
export const lastUsedCode = (): number => lastUsed;

/** The class of a code, null if there is no such code. */
export const classOfCode = (code: number): number | null =>
  errorClassName(code) === null ? (added.get(code)?.errorClass ?? null) : code;

/** What a code means, null if there is no such code. Of an added one whatever it was given, at first "". */
export function textOfCode(code: number): string | null {
  const name = errorClassName(code);
  return name === null ? (added.get(code)?.text ?? null) : errorClassText(name);
}

export const isAddedCode = (code: number): boolean => added.has(code);
export const isAddedClass = (code: number): boolean =>
  added.get(code)?.errorClass === code;

/** Whether another code belongs to this class. */
export const hasCodes = (errorClass: number): boolean =>
  [...added].some(
    ([code, of]) => of.errorClass === errorClass && code !== errorClass,
  );

/** A new code of `errorClass`; null makes a new class. */
export function addCode(errorClass: number | null): number {
  const code = ++lastUsed;
  added.set(code, { errorClass: errorClass ?? code, text: "" });
  return code;
}

/** Of an added code. */
export function setTextOfCode(code: number, text: string): void {
  const entry = added.get(code);
  if (entry) entry.text = text;
}

export const removeCode = (code: number): void => void added.delete(code);
