import tf from "@tensorflow/tfjs";
import { testAdamSteps } from "../../../../test/support/adam-steps";
import { loadEngine } from "../load";

beforeAll(() => {
  loadEngine({ engine: "wasm" });
});

testAdamSteps("wasm");

test("adam writes nothing behind the weights", () => {
  const neighbours = (size: number) =>
    [1, 2, 3, 4].map(() => tf.fill([size], 42));
  const before = neighbours(3);
  const variable = tf.variable(tf.ones([3]));
  const optimizer = tf.train.adam(0.1);
  const after = neighbours(3);
  for (let i = 0; i < 20; i++) {
    optimizer.minimize(() => variable.square().sum());
    after.push(...neighbours(1), ...neighbours(3));
  }
  for (const tensor of [...before, ...after])
    expect(new Set(tensor.dataSync())).toEqual(new Set([42]));
});
