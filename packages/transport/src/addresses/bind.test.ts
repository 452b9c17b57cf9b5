import { createServer, type Server } from "node:net";
import { Pull } from "zeromq";
import { closeThreadSockets, lastEvent, track } from "../sockets";
import { bindTcp, onePort, type Ports, portsOf } from "./bind";

const listenOn = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
const portOf = (server: Server): number =>
  (server.address() as { port: number }).port;

const among = (inOrder: readonly number[]): Ports => ({
  inOrder,
  range: [40_000, 40_001],
});

function pull(): Pull {
  const socket = new Pull();
  return track(socket, lastEvent(socket.events));
}

afterAll(closeThreadSockets);

describe("portsOf", () => {
  it("lets the system choose without a range", () =>
    expect(portsOf(null, 3)).toEqual({ inOrder: [0], range: null }));

  it.each([
    [0, [5, 6, 7]],
    [2, [7, 5, 6]],
    [4, [6, 7, 5]],
  ])("takes all of a range, from %i on", (start, ports) =>
    expect(portsOf([5, 7], start).inOrder).toEqual(ports),
  );
});

describe("bindTcp", () => {
  it("takes the first port that is free", async () => {
    const taken = await listenOn(0);
    const free = await listenOn(0);
    const ports = [taken, free].map(portOf);
    await new Promise((resolve) => free.close(resolve));
    expect(await bindTcp(pull(), "127.0.0.1", among(ports))).toBe(ports[1]);
    taken.close();
  });

  it("returns the port that the system chose", async () => {
    expect(await bindTcp(pull(), "127.0.0.1", onePort(0))).toBeGreaterThan(0);
  });

  it("names the range when all are in use, and says what to do", async () => {
    const [a, b] = [await listenOn(0), await listenOn(0)];
    const ports = [a, b].map(portOf);
    await expect(
      bindTcp(pull(), "127.0.0.1", among(ports)),
    ).rejects.toMatchObject({
      code: "ERR_RENDEZVOUS",
      message: `no port of TSMPI_PORT_RANGE=40000-40001 is free on 127.0.0.1; a host needs one for each of its ranks, and that of rank 0 one more for the coordinator: choose a wider range, or end what holds them`,
    });
    for (const server of [a, b]) server.close();
  });
});
