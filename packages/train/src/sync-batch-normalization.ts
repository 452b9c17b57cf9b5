import { tf } from "@tsmpi/engine";
import { MPI } from "@tsmpi/worker";
import type { layers, Tensor } from "@tensorflow/tfjs";
import { sumOverRanks } from "./exchange/sum-over-ranks";

type Arguments = Parameters<
  typeof import("@tensorflow/tfjs").layers.batchNormalization
>[0];

/** What TypeScript hides of a BatchNormalization layer. */
interface BatchNormalization {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma?: Weight | null;
  readonly beta?: Weight | null;
  readonly movingMean: Weight;
  readonly movingVariance: Weight;
  call(
    inputs: Tensor | Tensor[],
    kwargs: { readonly training?: boolean },
  ): Tensor | Tensor[];
}
interface Weight {
  read(): Tensor;
  write(value: Tensor): void;
}

/**
 * `tf.layers.batchNormalization` whose training statistics are those of the batches of all ranks together, in every step: small
 * batches on many ranks train as one big batch does. Two small all-reduces a step. Class, configuration and saved form are
 * those of the layer itself, so a saved model loads anywhere.
 *
 * Ranks may have batches of different sizes, as `fit` weighs them; in a loop of your own give `distribute` the weight.
 *
 * Source: Ioffe and Szegedy, Batch Normalization, 2015. arXiv:1502.03167
 */
export function syncBatchNormalization(args?: Arguments): layers.Layer {
  const layer = tf.layers.batchNormalization(args);
  const own = layer as unknown as BatchNormalization;
  const infer = own.call.bind(own);
  own.call = (inputs, kwargs) =>
    kwargs.training ? train(own, [inputs].flat()[0]!) : infer(inputs, kwargs);
  return layer;
}

function train(layer: BatchNormalization, input: Tensor): Tensor {
  return tf.tidy(() => {
    const axis = layer.axis < 0 ? layer.axis + input.rank : layer.axis;
    const statistics = statisticsOverRanks(input, axis);
    updateMoving(layer.movingMean, statistics.mean, layer.momentum);
    updateMoving(layer.movingVariance, statistics.variance, layer.momentum);
    const along = broadcastShape(input, axis);
    const normalized = normalize(input, axis, statistics, layer.epsilon);
    const { gamma, beta } = layer;
    const scaled = gamma
      ? normalized.mul(gamma.read().reshape(along))
      : normalized;
    return beta ? scaled.add(beta.read().reshape(along)) : scaled;
  });
}

/** Of each channel, over all ranks. */
interface Statistics {
  /** Elements of one channel. */
  readonly count: number;
  /** Of them, those of this rank. */
  readonly ownCount: number;
  readonly mean: Float32Array;
  /** Biased: the mean of the squared differences from the mean. */
  readonly variance: Float32Array;
}

/**
 * Each rank fills a place of its own, [ count | mean of each channel | variance of each channel ], and all put them together
 * in double precision, in the order of the ranks: the same bits everywhere. One all-reduce, as a sum of x and x² would take,
 * which loses all digits where the mean is large against the deviation.
 *
 * Source: Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979.
 */
function statisticsOverRanks(input: Tensor, axis: number): Statistics {
  const { rank, size } = MPI.COMM_WORLD;
  const channels = input.shape[axis]!;
  const ownCount = input.size / channels;
  const place = 1 + 2 * channels;
  const places = new Float32Array(size * place);
  const { mean, variance } = tf.moments(input, otherAxes(input, axis));
  places[rank * place] = ownCount;
  places.set(mean.dataSync(), rank * place + 1);
  places.set(variance.dataSync(), rank * place + 1 + channels);
  const all = sumOverRanks(places);

  let count = 0;
  const means = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let start = 0; start < all.length; start += place) {
    const more = all[start]!;
    // A rank that is out of data.
    if (more === 0) continue;
    for (let k = 0; k < channels; k++) {
      const difference = all[start + 1 + k]! - means[k]!;
      means[k]! += (difference * more) / (count + more);
      squares[k]! +=
        all[start + 1 + channels + k]! * more +
        (difference * difference * count * more) / (count + more);
    }
    count += more;
  }
  return {
    count,
    ownCount,
    mean: Float32Array.from(means),
    variance: Float32Array.from(squares, (sum) => sum / count),
  };
}

/**
 * (x − mean) / deviation, with a gradient that knows that mean and deviation depend on the rows of all ranks.
 *
 * Let d be the gradient by the result. For one big batch of m elements a channel, the gradient by x is
 * (d − mean(d) − x̂ mean(d x̂)) / deviation. But the loss of rank r is the mean over its own mᵣ elements, and gradients are
 * averaged with weights mᵣ / m: what the big batch calls d is d × mᵣ / m here. So the means are Σᵣ mᵣ Σ d / (m mᵣ).
 */
function normalize(
  input: Tensor,
  axis: number,
  { mean, variance, count, ownCount }: Statistics,
  epsilon: number,
): Tensor {
  const along = broadcastShape(input, axis);
  const channels = mean.length;
  const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const backward = (dy: Tensor, normalized: Tensor): Tensor => {
    const axes = otherAxes(input, axis);
    const own = new Float32Array(2 * channels);
    own.set(dy.sum(axes).dataSync());
    own.set(dy.mul(normalized).sum(axes).dataSync(), channels);
    const sums = sumOverRanks(own.map((sum) => sum * ownCount));
    const means = sums.map((sum) => sum / count / ownCount);
    const meanOfDy = tf.tensor(means.slice(0, channels), along);
    const meanOfProduct = tf.tensor(means.slice(channels), along);
    return dy
      .sub(meanOfDy)
      .sub(normalized.mul(meanOfProduct))
      .mul(tf.tensor(inverse.slice(), along));
  };
  return tf.customGrad((x, save) => {
    const normalized = (x as Tensor)
      .sub(tf.tensor(mean.slice(), along))
      .mul(tf.tensor(inverse.slice(), along));
    (save as (tensors: Tensor[]) => void)([normalized]);
    return {
      value: normalized,
      gradFunc: (dy: Tensor, [saved]: Tensor[]) => backward(dy, saved!),
    };
  })(input);
}

/** Its own way to round, kept: value − (value − new) × (1 − momentum). */
function updateMoving(
  moving: Weight,
  values: Float32Array,
  momentum: number,
): void {
  const now = moving.read();
  moving.write(now.sub(now.sub(tf.tensor1d(values.slice())).mul(1 - momentum)));
}

const otherAxes = ({ rank }: Tensor, axis: number): number[] =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);

/** One channel each along `axis`, 1 along all others. */
const broadcastShape = ({ shape }: Tensor, axis: number): number[] =>
  shape.map((extent, i) => (i === axis ? extent : 1));
