import { EngineError } from "@tsmpi/protocol";
import type { DeviceName } from "./engine";

/** For engines that have no other device. */
export function refuseGpu(device: DeviceName): void {
  if (device === "gpu") throw new EngineError("it computes on the CPU only");
}
