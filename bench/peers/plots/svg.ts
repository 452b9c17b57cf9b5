/** One SVG element; children are elements, or text that `escaped` has been through. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  children: readonly string[] = [],
): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join("");
  return children.length === 0
    ? `<${name}${given}/>`
    : `<${name}${given}>${children.join("")}</${name}>`;
}

export const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");

/** Hundredths of a pixel are more than enough. */
export const rounded = (value: number): number => Number(value.toFixed(2));
