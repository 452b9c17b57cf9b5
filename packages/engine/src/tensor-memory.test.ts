import tf from "@tensorflow/tfjs";
import { testTensorMemory } from "../../../test/support/tensor-memory";
import { loadEngine } from "./load";

beforeAll(() => {
  loadEngine({ engine: "wasm" });
});

describe.each(["wasm", "cpu"])("on %s", (backend) => {
  beforeAll(() => void tf.setBackend(backend));
  testTensorMemory();
});
