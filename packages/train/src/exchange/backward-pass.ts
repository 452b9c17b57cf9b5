import { tf } from "@tsmpi/engine";
import type {
  NamedTensorMap,
  Scalar,
  Tensor,
  Variable,
} from "@tensorflow/tfjs";

/** What `tf.variableGrads` gives. */
export interface Gradients {
  readonly value: Scalar;
  readonly grads: NamedTensorMap;
}

/** Is told of each variable's gradient when it is final, which it is before the backward pass is over. */
export type OnGradient = (variable: Variable, gradient: Tensor) => void;

/** One op of the forward pass. */
interface TapeNode {
  readonly kernelName: string;
  readonly outputs: readonly Tensor[];
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly gradient?: (
    dys: readonly (Tensor | null)[],
  ) => Readonly<Record<string, () => Tensor>>;
  readonly saved: Tensor[];
}

/** What the engine has for its own gradients; public, and not in its types. */
interface Tape {
  readonly state: { activeTape: TapeNode[] | null; gradientDepth: number };
  startTape(): void;
  endTape(): void;
  scopedRun<T>(start: () => void, end: () => void, f: () => T): T;
  tidy<T>(name: string, f: () => T): T;
}

/**
 * `tf.variableGrads`, with the same results to the bit, which tells of gradients as they become ready: a variable's is final behind
 * the op that was the first to use it.
 *
 * @param begin is called between the two passes, with the variables that will have a gradient
 * @throws what `tf.variableGrads` throws
 */
export function variableGradients(
  f: () => Scalar,
  variables: readonly Variable[],
  begin: (connected: readonly Variable[]) => OnGradient,
): Gradients {
  const engine = tf.engine() as unknown as Tape;
  const trainable = variables.filter((variable) => variable.trainable);
  tf.util.assert(
    trainable.length > 0,
    () =>
      `none of the ${variables.length} variables is trainable, so that there are no gradients`,
  );
  const value = engine.scopedRun(
    () => engine.startTape(),
    () => engine.endTape(),
    () => engine.tidy("forward", f),
  );
  const { state } = engine;
  const path = connecting(state.activeTape!, trainable, value);
  return engine.tidy("backward", () => {
    const grads = walkBack(path, trainable, value, begin);
    if (state.gradientDepth === 0) {
      // Nobody asks for gradients of gradients.
      for (const { saved } of state.activeTape!) tf.dispose(saved);
      state.activeTape = null;
    }
    for (const variable of variables)
      if (!variable.trainable) grads[variable.name] = null!;
    return { value, grads };
  });
}

/** The ops on a way from one of the variables to the result, the last one first, each with those of its inputs that are on one. */
function connecting(
  tape: readonly TapeNode[],
  variables: readonly Variable[],
  result: Tensor,
): TapeNode[] {
  const fromVariable = new Set(variables.map(({ id }) => id));
  const behind = tape.filter(({ inputs, outputs }) => {
    const isBehind = Object.values(inputs).some(({ id }) =>
      fromVariable.has(id),
    );
    if (isBehind) for (const { id } of outputs) fromVariable.add(id);
    return isBehind;
  });
  const toResult = new Set([result.id]);
  const path: TapeNode[] = [];
  for (const node of behind.reverse()) {
    if (!node.outputs.some(({ id }) => toResult.has(id))) continue;
    const inputs = Object.entries(node.inputs).filter(([, { id }]) =>
      fromVariable.has(id),
    );
    for (const [, { id }] of inputs) toResult.add(id);
    path.push({ ...node, inputs: Object.fromEntries(inputs) });
  }
  return path;
}

/** Gradients by the names of the variables. */
function walkBack(
  path: readonly TapeNode[],
  variables: readonly Variable[],
  result: Scalar,
  begin: (connected: readonly Variable[]) => OnGradient,
): NamedTensorMap {
  const finalBehind = firstUses(path, variables);
  const connected = new Set([...finalBehind.values()].flat());
  tf.util.assert(
    connected.size > 0,
    () =>
      "the loss depends on none of the variables: use them inside of the function that computes it",
  );
  tf.util.assert(
    result.rank === 0,
    () => `the loss must be a scalar, and is of rank ${result.rank}`,
  );
  const onGradient = begin(variables.filter((one) => connected.has(one)));
  const gradients = new Map<number, Tensor>([[result.id, tf.ones([])]]);
  for (const node of path) {
    const inputGradients = node.gradient!(
      node.outputs.map(({ id }) => gradients.get(id) ?? null),
    );
    for (const [name, input] of Object.entries(node.inputs)) {
      const { id } = input;
      const more = tf.tidy(() => inputGradients[name]!());
      assertFits(more, input, node);
      const sum = gradients.get(id);
      gradients.set(id, sum ? tf.add(sum, more) : more);
      sum?.dispose();
    }
    for (const variable of finalBehind.get(node) ?? [])
      onGradient(variable, gradients.get(variable.id)!);
  }
  return Object.fromEntries(
    variables
      .filter((one) => connected.has(one))
      .map((one) => [one.name, gradients.get(one.id)!]),
  );
}

/** Of each variable that is used the first op that uses it. */
function firstUses(
  path: readonly TapeNode[],
  variables: readonly Variable[],
): Map<TapeNode, Variable[]> {
  const unused = new Map(variables.map((variable) => [variable.id, variable]));
  return new Map(
    path.toReversed().map((node) => {
      const ids = new Set(Object.values(node.inputs).map(({ id }) => id));
      const first = [...ids].flatMap((id) => unused.get(id) ?? []);
      for (const { id } of first) unused.delete(id);
      return [node, first];
    }),
  );
}

/** A gradient of the user's own may be anything. */
function assertFits(
  { dtype, shape }: Tensor,
  input: Tensor,
  { kernelName }: TapeNode,
): void {
  tf.util.assert(
    dtype === "float32" && tf.util.arraysEqual(shape, input.shape),
    () =>
      `the gradient of ${kernelName} is ${dtype}[${shape.join(", ")}] for an input of shape [${input.shape.join(", ")}]; it must be float32 of the same shape`,
  );
}
