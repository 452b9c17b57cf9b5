import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import type { PortRange } from "@tsmpi/protocol";
import type { Question, Reached } from "./host-messages";

/** A packet that is dropped has no answer: after this long nobody is waited for any more. */
const PATIENCE_MS = 10_000;
/** When one address has been reached, how long the others are still tried. */
const GRACE_MS = 300;

/** Listens for a moment, and tells whoever comes a token: the same address may be another host's elsewhere. */
export class Reachable {
  private constructor(
    private readonly servers: readonly Server[],
    /** Of each address. */
    readonly ports: readonly number[],
  ) {}

  /** @throws {Error} no port of the range is free */
  static async open({
    addresses,
    token,
    portRange,
  }: Extract<Question, { type: "listen" }>): Promise<Reachable> {
    const servers = addresses.map(() =>
      createServer((socket) => {
        socket.on("error", () => {});
        socket.end(token);
      }),
    );
    try {
      await Promise.all(
        servers.map((server, i) => listen(server, addresses[i]!, portRange)),
      );
    } catch (error) {
      for (const server of servers) server.close();
      throw error;
    }
    const ports = servers.map(
      (server) => (server.address() as AddressInfo).port,
    );
    return new Reachable(servers, ports);
  }

  close(): void {
    for (const server of this.servers) server.close();
  }
}

async function listen(
  server: Server,
  host: string,
  [from, to]: PortRange = [0, 0],
): Promise<void> {
  for (let port = from; ; port++) {
    try {
      server.listen({ host, port, exclusive: true });
      await once(server, "listening");
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE")
        throw new Error(`it cannot listen at ${host}: ${message}`, {
          cause: error,
        });
      if (port >= to)
        throw new Error(
          `all ports from ${from} to ${to} are in use at ${host}; give another --port-range`,
          { cause: error },
        );
    }
  }
}

/** Tries all of them at once. @param signal gives it up */
export async function reach(
  { at, token }: Extract<Question, { type: "reach" }>,
  signal: AbortSignal,
): Promise<readonly Reached[]> {
  let success: () => void = () => {};
  const first = new Promise<void>((resolve) => (success = resolve));
  const patience = new AbortController();
  const over = AbortSignal.any([patience.signal, signal]);
  const tries = at.map((place) =>
    tryOne(place, token, over).then((reached) => {
      if (reached.why === null) success();
      return reached;
    }),
  );
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  void first.then(() => setTimeout(() => patience.abort(), GRACE_MS));
  const all = await Promise.all(tries);
  clearTimeout(timer);
  return all;
}

const tryOne = (
  { address, port }: { readonly address: string; readonly port: number },
  token: string,
  patience: AbortSignal,
): Promise<Reached> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, signal: patience });
    let heard = "";
    let from: string | null = null;
    const tell = (why: string | null): void => {
      resolve({ address, from, why });
      socket.destroy();
    };
    socket.on("connect", () => (from = socket.localAddress ?? null));
    socket.on("data", (bytes: Buffer) => {
      heard += bytes.toString("latin1");
      if (heard.length > token.length) tell("another host answers there");
    });
    socket.on("end", () =>
      tell(heard === token ? null : "another host answers there"),
    );
    socket.on("error", (error: NodeJS.ErrnoException) =>
      tell(patience.aborted ? "no answer" : (error.code ?? error.message)),
    );
  });
