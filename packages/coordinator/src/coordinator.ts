import { type Log, type RankEnvironment } from "@tsmpi/protocol";
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
import * as services from "./services";

const TICK_MS = 250;

/** The shell around the services, and the coordinator's only I/O: sockets, clock, log. */
export interface Coordinator {
  readonly port: number;
  /** Resolves when nobody needs the coordinator any more: every rank has left or failed. */
  readonly over: Promise<void>;
  /** The program of rank 0 has ended. If it failed, or never joined, the job is over. */
  hostEnded(failed: boolean): void;
  close(): Promise<void>;
}

export async function startCoordinator(
  environment: RankEnvironment,
  log: Log,
): Promise<Coordinator> {
  const running = Object.values(services).map((service) =>
    run(service as Service<unknown>, environment satisfies Job),
  );
  let end = () => {};
  /** Settles when the socket has taken all that was sent so far: messages leave in order. */
  let lastSend = Promise.resolve();
  const over = new Promise<void>((resolve) => (end = resolve));

  let passedOn = 0;

  const sockets = await loadControl();
  const { masterAddr, masterPort, portRange, size } = environment;
  const control = await sockets.listenControl({
    host: masterAddr,
    addresses: await coordinatorAddresses(environment),
    ports: masterPort === 0 ? portsOf(portRange, 0) : onePort(masterPort),
    credentials: credentialsOf(environment),
    size,
    log,
    onMessage(rank, message, payload) {
      const service = running.find(({ handles }) =>
        handles.includes(message.type),
      );
      if (service) apply(service, { type: "message", rank, message, payload });
      else log.warn(`ignored a "${message.type}" message of rank ${rank}`);
    },
  });
  const ticking = setInterval(() => applyToAll({ type: "tick" }), TICK_MS);

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
    hostEnded: (failed) => applyToAll({ type: "host-ended", failed }),
    async close() {
      deafen?.();
      log.debug(`over, having passed on ${passedOn} bytes of rows`);
      clearInterval(ticking);
      control.close();
      await sockets.closeThreadSockets();
    },
  };
}
