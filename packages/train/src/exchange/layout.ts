import { ArgumentError, LayoutError } from "@tsmpi/protocol";
import type { Intracomm } from "@tsmpi/worker";
import { ownEngine, warnOfDifferentEngines } from "../engine-news";

/** What ranks must agree on to average variables: their number, order, shapes and types. Names are for people: they count up per process. */
export interface VariableLayout {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export const describeVariable = ({
  name,
  dtype,
  shape,
}: VariableLayout): string => `${name} ${dtype}[${shape.join(", ")}]`;

/**
 * Every rank calls this with its own variables.
 *
 * @param options what else must be alike, as text
 * @throws {LayoutError} on every rank, if two of them differ: shows both layouts where they part
 * @throws {ArgumentError} on every rank, if their options differ
 */
export function assertSameLayout(
  comm: Intracomm,
  what: string,
  variables: readonly VariableLayout[],
  options = "",
): void {
  const all = comm.allgather({
    engine: ownEngine(),
    options,
    layout: variables.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
  });
  warnOfDifferentEngines(
    comm.rank,
    all.map(({ engine }) => engine),
  );
  const stranger = all.findIndex((rank) => rank.options !== all[0]!.options);
  if (stranger > 0)
    throw new ArgumentError(
      `the options of rank 0 and rank ${stranger} differ: ${all[0]!.options} and ${all[stranger]!.options}; pass the same to distribute on every rank`,
    );
  const layouts = all.map(({ layout }) => layout);
  const other = layouts.findIndex(
    (layout) => differenceOf(layouts[0]!, layout) !== null,
  );
  if (other < 0) return;
  const at = differenceOf(layouts[0]!, layouts[other]!)!;
  throw new LayoutError(
    `the ${what} of rank 0 and rank ${other} differ at variable ${at}:\n` +
      `rank 0: ${excerpt(layouts[0]!, at)}\n` +
      `rank ${other}: ${excerpt(layouts[other]!, at)}\n` +
      "every rank must build the same model",
  );
}

/** Index of the first variable in which two layouts differ; null if they are the same. */
export function differenceOf(
  a: readonly VariableLayout[],
  b: readonly VariableLayout[],
): number | null {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++)
    if (signatureOf(a[i]) !== signatureOf(b[i])) return i;
  return null;
}

const signatureOf = (variable: VariableLayout | undefined): string =>
  variable ? `${variable.dtype} ${variable.shape.join(" ")}` : "none";

/** The variable in question and its neighbours. */
function excerpt(layout: readonly VariableLayout[], at: number): string {
  const around = layout
    .slice(Math.max(0, at - 1), at + 2)
    .map(describeVariable);
  const shown = around.length > 0 ? around.join("; ") : "(nothing there)";
  return `${layout.length} variables, there: ${shown}`;
}

export const elementsOf = ({ shape }: VariableLayout): number =>
  shape.reduce((product, extent) => product * extent, 1);
