import tf from "@tensorflow/tfjs";
import { version_wasm } from "@tensorflow/tfjs-backend-wasm";
import { threadCount } from "../threads";
import { refuseGpu } from "../cpu-only";
import { applyValuesByAdam } from "../adam";
import type { EngineDriver } from "../engine";
import { useWasmAdamStep } from "../wasm/adam";
import { registerBatchMatMul } from "../wasm/batch-mat-mul";
import { registerConv2DBackpropFilter } from "../wasm/conv2d-backprop-filter";
import { registerConv2DBackpropInput } from "../wasm/conv2d-backprop-input";
import { registerConv3DBackpropFilter } from "../wasm/conv3d-backprop-filter";
import { registerConv3DBackpropInput } from "../wasm/conv3d-backprop-input";
import { registerCpuKernels } from "../wasm/cpu-kernels";
import { registerExplicitPad } from "../wasm/explicit-pad";
import { registerFusedMatMul } from "../wasm/fused-mat-mul";
import { registerMaxPool3D } from "../wasm/max-pool-3d";
import { registerMaxPool3DGrad } from "../wasm/max-pool-3d-grad";
import { registerMaxPoolGrad } from "../wasm/max-pool-grad";
import { startBackend } from "../wasm/start";
import { wasmMemory } from "../wasm/memory";
import { registerUnsortedSegmentSum } from "../wasm/unsorted-segment-sum";

export const wasm: EngineDriver = {
  start({ device }) {
    refuseGpu(device);
    // A program that started the backend itself keeps it, and its tensors; the kernels are mended all the same.
    if (!("wasm" in tf.engine().registry)) {
      const { backend, memory } = startBackend(threadCount());
      // The package has registered a factory of its own, which only starts asynchronously.
      tf.removeBackend("wasm");
      tf.registerBackend("wasm", () => backend, 2);
      useWasmAdamStep(memory);
    }
    registerBatchMatMul();
    registerFusedMatMul();
    registerConv2DBackpropFilter();
    registerConv2DBackpropInput();
    registerConv3DBackpropFilter();
    registerConv3DBackpropInput();
    registerMaxPool3D();
    registerMaxPool3DGrad();
    registerMaxPoolGrad();
    registerUnsortedSegmentSum();
    // Behind those: it fills what is still missing.
    registerCpuKernels();
    // Last: it wraps them.
    registerExplicitPad();
    // Its promise has resolved already: a backend whose factory is synchronous is set before setBackend returns.
    void tf.setBackend("wasm");
    return {
      ...{ device: "cpu", version: version_wasm, tf },
      memory: wasmMemory,
      applyValues: applyValuesByAdam,
    };
  },
};
