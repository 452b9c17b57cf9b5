import tf from "@tensorflow/tfjs";
import { readEnvironment } from "@tsmpi/protocol";
import type { DataTypeMap } from "@tensorflow/tfjs";
import type { EventTurns } from "./event-turns";
import { BUFFER_USAGE, type GpuBuffer } from "./gpu";
import { readBuffer } from "./read-buffer";

/** What is used here of TensorFlow.js' webgpu backend, whose package is optional and may be absent when this is compiled. */
export interface WebGpuBackend {
  readonly tensorMap: { get(dataId: object): TensorData };
  readonly bufferManager: {
    acquireBuffer(size: number, usage: number): GpuBuffer;
    /** To be used again. */
    releaseBuffer(buffer: GpuBuffer): void;
  };
  /** Null between `submitQueue` and `ensureCommandEncoderReady`. */
  readonly commandEncoder: {
    copyBufferToBuffer(
      source: GpuBuffer,
      sourceOffset: number,
      target: GpuBuffer,
      targetOffset: number,
      size: number,
    ): void;
  } | null;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  readSync(dataId: object): unknown;
}

interface TensorData {
  readonly dtype: keyof DataTypeMap;
  /** Its place on the GPU, if it has one. */
  readonly resource?: GpuBuffer | null;
  /** Its values, once somebody has read or written them. */
  values?: unknown;
}

/**
 * Gives the backend a `readSync`, and so each of its tensors a `dataSync`, that works in Node: its own draws on a canvas, which
 * only browsers have. It blocks until the GPU has computed the tensor.
 */
export function readBlocking(backend: WebGpuBackend, turns: EventTurns): void {
  const { timeoutMs } = readEnvironment(process.env);
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    const data = backend.tensorMap.get(dataId);
    if (data.resource)
      data.values ??= tf.util.convertBackendValuesAndArrayBuffer(
        download(data.resource),
        data.dtype,
      );
    // What is left for it: to hand out the values, and to put real and imaginary parts together.
    return readSync(dataId);
  };

  function download(source: GpuBuffer): ArrayBuffer {
    const { size } = source;
    const usage = BUFFER_USAGE.COPY_DST | BUFFER_USAGE.MAP_READ;
    const staging = backend.bufferManager.acquireBuffer(size, usage);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder!.copyBufferToBuffer(source, 0, staging, 0, size);
    backend.submitQueue();
    const bytes = readBuffer(staging, turns, timeoutMs);
    backend.bufferManager.releaseBuffer(staging);
    return bytes;
  }
}
