import unionPackage, { type Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine";

/**
 * A product, the gradients of a convolution and one `fit`, each against what is known beforehand.
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
  await testFit(tf);
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
