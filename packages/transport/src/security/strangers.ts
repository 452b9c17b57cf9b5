import type { Log } from "@tsmpi/protocol";
import type { Observer } from "zeromq";

/** Enough to notice an attack, not enough to fill a disk. */
const MAX_WARNINGS = 20;

/** Logs what strangers do at a listening socket; libzmq has already shut the door on them. */
export function watchStrangers(
  events: Observer,
  { where, isEncrypted, log }: StrangersOptions,
): void {
  const refusals = limited(log);
  let unidentified = 0;
  events.on("accept", () => void unidentified++);
  events.on("handshake", () => void unidentified--);
  events.on("handshake:error:auth", () => void unidentified--);
  events.on("handshake:error:protocol", () => {
    unidentified--;
    refusals.warn(
      isEncrypted
        ? `refused a connection to ${where}: it has another job key, was meant for somebody else, or does not speak our protocol`
        : `refused a connection to ${where}: it does not speak our protocol`,
    );
  });
  events.on("disconnect", () => {
    if (unidentified <= 0) return;
    unidentified--;
    log.info(`a connection to ${where} ended before it had said who it is`);
  });
}

export interface StrangersOptions {
  /** Whose socket it is, in words. */
  readonly where: string;
  /** With CURVE a wrong key and what is no protocol look alike. */
  readonly isEncrypted: boolean;
  readonly log: Log;
}

export function limited(log: Log): Log {
  let left = MAX_WARNINGS;
  return {
    ...log,
    warn(text) {
      if (left-- > 0) log.warn(text);
      if (left === 0) log.warn("further refusals are not logged");
    },
  };
}
