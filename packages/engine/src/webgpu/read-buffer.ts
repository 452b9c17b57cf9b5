import { EngineError } from "@tsmpi/protocol";
import type { EventTurns } from "./event-turns";
import { type GpuBuffer, MAP_MODE } from "./gpu";

/**
 * What a buffer holds that may be mapped for reading, once the GPU has written all that it was told to. Blocks until then.
 *
 * @returns a copy, the caller's
 * @throws {EngineError} the GPU is lost, or silent for `timeoutMs`
 */
export function readBuffer(
  buffer: GpuBuffer,
  turns: EventTurns,
  timeoutMs: number,
): ArrayBuffer {
  // A rejection shows in `mapState`.
  turns.collect(() => buffer.mapAsync(MAP_MODE.READ)).catch(() => {});
  turns.until(() => buffer.mapState !== "pending", timeoutMs);
  if (buffer.mapState !== "mapped")
    throw new EngineError(
      `${buffer.size} bytes cannot be read from the GPU: it was lost, or its memory is full; its driver's log tells why`,
    );
  // The mapped memory itself goes back to the GPU.
  const bytes = buffer.getMappedRange().slice(0);
  buffer.unmap();
  return bytes;
}
