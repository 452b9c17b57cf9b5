import {
  type CoordinatorMessage,
  type Log,
  type RankEnvironment,
  type RankMessage,
} from "@tsmpi/protocol";
import {
  type ControlServer,
  coordinatorAddresses,
  credentialsOf,
  loadControl,
  onePort,
  portsOf,
} from "@tsmpi/transport";
import {
  type Effect,
  type Job,
  run,
  type RunningService,
  type Service,
  type ServiceEvent,
} from "./service";
import { hearLauncher } from "./hear-launcher";
import { READER, type ReaderOrder } from "./reader/reader-contract";
import { ReaderHost } from "./reader/reader-host";
import type { LocalDelivery } from "./thread-contract";
import * as services from "./services";

const TICK_MS = 250;

/** The shell around the services, and the coordinator's only I/O: sockets, clock, log. */
export interface Coordinator {
  readonly port: number;
  /** Resolves when nobody needs the coordinator any more: every rank has left or failed. */
  readonly over: Promise<void>;
  /** The program of rank 0 has ended. If it failed, or never joined, the job is over. */
  hostEnded(failed: boolean): void;
  /** For the thread that reads files for all ranks. */
  read(order: ReaderOrder): void;
  /** Rank 0 says this about a stream to it, which needs no socket. */
  hear(message: RankMessage): void;
  close(): Promise<void>;
}

export async function startCoordinator(
  environment: RankEnvironment,
  log: Log,
  onLocal: (delivery: LocalDelivery) => void,
): Promise<Coordinator> {
  const running = Object.values(services).map((service) =>
    run(service as Service<unknown>, environment satisfies Job),
  );
  let end = () => {};
  /** Settles when the socket has taken all that was sent so far: messages leave in order. */
  let lastSend = Promise.resolve();
  const over = new Promise<void>((resolve) => (end = resolve));

  let passedOn = 0;

  const reader = new ReaderHost(
    (said) => hear(READER, said.message, said.payload),
    (why) => log.warn(`the thread that reads files ended: ${why}`),
  );
  const sockets = await loadControl();
  const { masterAddr, masterPort, portRange } = environment;
  const control = await sockets.listenControl({
    host: masterAddr,
    addresses: await coordinatorAddresses(environment),
    ports: masterPort === 0 ? portsOf(portRange, 0) : onePort(masterPort),
    credentials: credentialsOf(environment),
    log,
    onMessage: hear,
  });
  const ticking = setInterval(() => applyToAll({ type: "tick" }), TICK_MS);

  function hear(
    rank: number,
    message: RankMessage,
    payload: Uint8Array | null,
  ): void {
    const service = running.find(({ handles }) =>
      handles.includes(message.type),
    );
    if (service) apply(service, { type: "message", rank, message, payload });
    else log.warn(`ignored a "${message.type}" message of rank ${rank}`);
  }

  function apply(service: RunningService, event: ServiceEvent): void {
    const { effects, reason } = service.step(event, performance.now());
    if (reason !== null) log.info(`${service.name}: ${reason}`);
    for (const effect of effects) perform(effect, control);
  }

  function applyToAll(event: ServiceEvent): void {
    for (const service of running) apply(service, event);
  }

  function perform(effect: Effect, server: ControlServer): void {
    switch (effect.type) {
      case "send":
        if (effect.to === READER) return reader.send(effect.message);
        if (effect.to === 0 && isForProgram(effect.message))
          return onLocal({
            ...{ message: effect.message, payload: effect.payload ?? null },
          });
        passedOn += effect.payload?.byteLength ?? 0;
        lastSend = server
          .send(effect.to, effect.message, effect.payload ?? undefined)
          .catch((error: unknown) =>
            log.info(`could not reach rank ${effect.to}: ${String(error)}`),
          );
        return;
      case "announce":
        applyToAll({ type: "announced", news: effect.news });
        return;
      case "warn":
        log.warn(effect.text);
        return;
      case "over":
        // The farewells that go with it must be out before the socket is closed.
        void lastSend.then(end);
        return;
    }
  }

  const { newsFd } = environment;
  const deafen = newsFd === null ? null : hearLauncher(newsFd, applyToAll);

  return {
    port: control.port,
    over,
    read: (order) => reader.send(order),
    hear: (message) => hear(0, message, null),
    hostEnded: (failed) => applyToAll({ type: "host-ended", failed }),
    async close() {
      deafen?.();
      log.debug(`over, having passed on ${passedOn} bytes of data`);
      clearInterval(ticking);
      control.close();
      await reader.close();
      await sockets.closeThreadSockets();
    },
  };
}

/** Streams to rank 0 are the reader's alone: what the program streams itself, it has. */
const isForProgram = (
  message: CoordinatorMessage,
): message is LocalDelivery["message"] =>
  message.type === "stream-piece" || message.type === "stream-end";
