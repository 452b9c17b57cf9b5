import type { CatalogueOptions } from "./catalogue/catalogue";
import type { QualityOptions } from "./quality/guard";

/** Options that errors speak of. */
export type OptionName = keyof CatalogueOptions | QualityName;

type QualityName = keyof Pick<QualityOptions, "onBadRecord" | "allowNonFinite">;

type OptionValue = string | number | boolean | Readonly<Record<string, string>>;

/** An option as whoever reads an error would give it; without a value, its name. */
export type OptionWords = (name: OptionName, value?: OptionValue) => string;

/** `quality: { onBadRecord: "skip" }`, `columns: { zip: "text" }` */
const inProgram: OptionWords = (name, value) => {
  if (value === undefined) return `the option ${name}`;
  const given = `${name}: ${literal(value)}`;
  return isOfQuality(name) ? `quality: { ${given} }` : given;
};

const isOfQuality = (name: OptionName): name is QualityName =>
  name === "onBadRecord" || name === "allowNonFinite";

const literal = (value: OptionValue): string =>
  typeof value === "object"
    ? `{ ${Object.entries(value)
        .map(([key, inside]) => `${key}: ${JSON.stringify(inside)}`)
        .join(", ")} }`
    : JSON.stringify(value);

let words = inProgram;

export const optionInWords: OptionWords = (name, value) => words(name, value);

/** For a process whose user types something else than options of a program: all its errors say it so from then on. */
export function sayOptionsAs(others: OptionWords): void {
  words = others;
}
