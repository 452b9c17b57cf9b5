import tf from "@tensorflow/tfjs";
import { refuseGpu } from "../cpu-only";
import type { EngineDriver } from "../engine";
import { quietCpuBackend } from "../cpu-backend";

export const cpu: EngineDriver = {
  start({ device }) {
    refuseGpu(device);
    quietCpuBackend();
    // Its promise has resolved already: a backend whose factory is synchronous is set before setBackend returns.
    void tf.setBackend("cpu");
    return { device: "cpu", version: tf.version["tfjs-backend-cpu"], tf };
  },
};
