import type { OptionName, OptionWords } from "@tsmpi/data";
import { dashed, type Flags } from "../flags";
import { BAD_RECORD_FLAGS, FORMAT_FLAGS } from "./data-flags";

/** The name of the flag that gives an option: `onBadRecord` is `on-bad-record`, and `header: false` is `no-header`. */
export function flagOf(name: OptionName, value?: unknown): string {
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return value === false ? `no-${words}` : words;
}

/** All that stand for options of a dataset. */
export const OPTION_FLAGS: Flags = { ...FORMAT_FLAGS, ...BAD_RECORD_FLAGS };

/** `--on-bad-record skip`, `--columns zip=text`: as it can be typed. */
export const optionAsFlag: OptionWords = (name, value) => {
  const flag = dashed(flagOf(name, value));
  if (value === undefined || typeof value === "boolean") return flag;
  const text =
    typeof value === "object"
      ? Object.entries(value)
          .map(([key, inside]) => `${key}=${inside}`)
          .join(",")
      : String(value);
  return `${flag} ${/^[\w=,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`}`;
};
