import unionPackage, { type Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine";

/**
 * A product, the gradients of a convolution and of max pooling, steps of Adam and one `fit`, each against what is known beforehand.
 *
 * @throws {Error} what is wrong
 */
export async function testTraining(tf: TensorFlow): Promise<void> {
  expectEqual("tf.Tensor is the project's own class", [
    [Number(tf.Tensor === unionPackage.Tensor)],
    [1],
  ]);
  expectEqual("layers of the project's own TensorFlow.js", [
    [
      Number(
        tf.layers.dense({ units: 1 }) instanceof unionPackage.layers.Layer,
      ),
    ],
    [1],
  ]);
  tf.tidy(() => {
    const product = tf.matMul(
      tf.tensor2d([1, 2, 3, 4], [2, 2]),
      tf.tensor2d([5, 6, 7, 8], [2, 2]),
    );
    expectEqual("matMul", [product.dataSync(), [19, 22, 43, 50]]);
    const gradients = tf.grads((x, w) =>
      tf.conv2d(x as Tensor4D, w as Tensor4D, 1, "valid").sum(),
    )([tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1])]);
    expectEqual("the gradient of conv2d by its input", [
      gradients[0]!.dataSync(),
      [1, 2, 1, 2, 4, 2, 1, 2, 1],
    ]);
    expectEqual("the gradient of conv2d by its filter", [
      gradients[1]!.dataSync(),
      [4, 4, 4, 4],
    ]);
  });
  testMaxPool(tf);
  testAdam(tf);
  await testFit(tf);
}

function testMaxPool(tf: TensorFlow): void {
  tf.tidy(() => {
    const gradient = tf.grad((x) =>
      tf.maxPool(x as Tensor4D, 2, 2, "valid").mul([1, 2]),
    )(tf.tensor4d([1, 9, 4, 3, 7, 2, 6, 8], [1, 2, 2, 2]));
    expectEqual("the gradient of maxPool", [
      gradient.dataSync(),
      [0, 2, 0, 0, 1, 0, 0, 0],
    ]);
  });
}

/** While a gradient stays the same, each step of Adam is as long as the learning rate. */
function testAdam(tf: TensorFlow): void {
  const weight = tf.variable(tf.zeros([9]));
  const optimizer = tf.train.adam(0.25);
  for (let step = 0; step < 3; step++)
    optimizer.minimize(() => weight.mul(-2).sum());
  expectEqual("weights after three steps of Adam", [
    weight.dataSync().map(round),
    Array<number>(9).fill(0.75),
  ]);
  weight.dispose();
  optimizer.dispose();
}

/** y = 2 x − 1 from four points, in full batches: plain gradient descent gets there whatever the weights at the start. */
async function testFit(tf: TensorFlow): Promise<void> {
  const x = tf.tensor2d([-1, 0, 1, 2], [4, 1]);
  const y = tf.tensor2d([-3, -1, 1, 3], [4, 1]);
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [1] })],
  });
  const optimizer = tf.train.sgd(0.1);
  model.compile({ optimizer, loss: "meanSquaredError" });
  await model.fit(x, y, { epochs: 100, batchSize: 4, verbose: 0 });
  const [kernel, bias] = model
    .getWeights()
    .map((weight) => weight.dataSync()[0]!);
  tf.dispose([x, y]);
  model.dispose();
  expectEqual("weights after fit", [
    [round(kernel!), round(bias!)],
    [2, -1],
  ]);
}

const round = (value: number): number => Math.round(value * 100) / 100;

function expectEqual(
  what: string,
  [actual, expected]: readonly [ArrayLike<number>, ArrayLike<number>],
): void {
  const [found, right] = [actual, expected].map((values) =>
    Array.from(values).join(" "),
  );
  if (found !== right)
    throw new Error(`${what} should be ${right}, and is ${found}`);
}
