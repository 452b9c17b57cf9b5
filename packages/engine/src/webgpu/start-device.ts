import { inspect } from "node:util";
import { EngineError } from "@tsmpi/protocol";
import { EventTurns } from "./event-turns";
import { type Adapter, BUFFER_USAGE, type Device, type Dawn } from "./gpu";
import { readBuffer } from "./read-buffer";
import { settled } from "./settled";

/** What TensorFlow.js asks for beyond the least that every device has: as much as the adapter can. */
const LIMITS = [
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
];

/** For `tf.time`; not every adapter has it. */
const TIMESTAMPS = "timestamp-query";

/** For the first read, of nothing but zeros. */
const FIRST_READ_MS = 10_000;

export interface StartedDevice {
  readonly adapter: Adapter;
  readonly device: Device;
  /** What its reads wait with. */
  readonly turns: EventTurns;
}

/**
 * The fastest GPU that Dawn finds, and the globals that TensorFlow.js expects of a browser. WebGPU hands out adapter and device
 * as promises; Dawn's are resolved when they are returned, so that nothing has to be awaited.
 *
 * @throws {EngineError} there is none that Dawn can use, or it cannot be read blocking
 */
export function startDevice({ create, globals }: Dawn): StartedDevice {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  // Node has a navigator of its own from version 21. Besides, what it holds lives as long as the process.
  const navigator = ((globalThis as { navigator?: object }).navigator ??= {});
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  const turns = new EventTurns();
  const started = turns.collect(() => {
    const adapter = settled(
      gpu.requestAdapter({ powerPreference: "high-performance" }),
      globals.GPUAdapter,
    );
    if (adapter === null)
      throw new EngineError(
        "Dawn finds no GPU; on Linux it needs the Vulkan loader (Debian: libvulkan1) and the GPU's Vulkan driver: vulkaninfo --summary lists the GPUs that have one",
      );
    const requested = adapter.requestDevice({
      requiredFeatures: adapter.features.has(TIMESTAMPS) ? [TIMESTAMPS] : [],
      requiredLimits: Object.fromEntries(
        LIMITS.map((name) => [name, adapter.limits[name]!]),
      ),
    });
    requested.catch(() => {});
    const device = settled(requested, globals.GPUDevice);
    if (device === null)
      throw new EngineError(
        `the GPU ${adapter.info.device} does not start: ${inspect(requested)}`,
      );
    return { adapter, device };
  });
  const probe = started.device.createBuffer({
    size: 4,
    usage: BUFFER_USAGE.COPY_DST | BUFFER_USAGE.MAP_READ,
  });
  readBuffer(probe, turns, FIRST_READ_MS);
  probe.destroy();
  return { ...started, turns };
}
