import type { LayersModel } from "@tensorflow/tfjs";

type LayerVariable = LayersModel["weights"][number];

/** What TypeScript hides of a layer. */
interface Layer {
  readonly _trainableWeights?: readonly LayerVariable[];
  /** Dropout has one. */
  seed?: unknown;
  /** Where layers hold other layers: models, wrappers, recurrent layers. */
  readonly layers?: readonly Layer[];
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
  readonly cell?: Layer;
  readonly cells?: readonly Layer[];
}

/** The model and all layers within it, at any depth. */
function* layersOf(layer: Layer): Generator<Layer> {
  yield layer;
  const { layer: wrapped, forwardLayer, backwardLayer, cell } = layer;
  const inner = [wrapped, forwardLayer, backwardLayer, cell];
  for (const child of [
    ...(layer.layers ?? []),
    ...inner,
    ...(layer.cells ?? []),
  ])
    if (child) yield* layersOf(child);
}

/**
 * What layers keep beside what they learn, such as the moving statistics of BatchNorm. Each rank changes them from its own
 * rows. Weights of frozen layers are none: they change nowhere.
 */
export function statisticsOf(model: LayersModel): LayerVariable[] {
  const learned = new Set<LayerVariable>();
  for (const layer of layersOf(model as unknown as Layer))
    for (const weight of layer._trainableWeights ?? []) learned.add(weight);
  return model.weights.filter(
    (weight): weight is LayerVariable => !learned.has(weight),
  );
}

const separated = new WeakSet<Layer>();

/** Dropout layers with a seed would drop the same units on every rank. Rank 0 keeps the seed, and with it the saved model. */
export function separateSeeds(model: LayersModel, rank: number): void {
  for (const layer of layersOf(model as unknown as Layer)) {
    if (typeof layer.seed !== "number" || separated.has(layer)) continue;
    separated.add(layer);
    layer.seed += rank * SEED_STRIDE;
  }
}

/** Far apart, so that the seeds of one rank's layers are not those of the next rank's. */
const SEED_STRIDE = 1_000_003;
