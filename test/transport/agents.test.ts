import { lookup } from "node:dns/promises";
import { createServer } from "node:net";
import {
  type AgentServer,
  curve,
  loadAgents,
  type MessageLink,
} from "@tsmpi/transport";

jest.mock("node:dns/promises", () => ({ lookup: jest.fn() }));
const nameStandsFor = (address: string | null): void =>
  void (lookup as jest.Mock).mockImplementation(async () => {
    if (address === null)
      throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    return { address, family: 4 };
  });

const credentials = curve("0123456789abcdef0123456789abcdef");
const silent = { debug() {}, info() {}, notice() {}, warn() {}, error() {} };

describe("an agent", () => {
  let agents: Awaited<ReturnType<typeof loadAgents>>;
  let server: AgentServer | null = null;
  let port: number;
  let joined: MessageLink[] = [];

  beforeAll(async () => {
    agents = await loadAgents();
    port = await freePort();
  });
  afterEach(async () => {
    await server?.close();
    server = null;
    joined = [];
    await agents.closeThreadSockets();
  });

  const launcherAt = async (address: string): Promise<void> => {
    server = await agents.listenForAgents({
      ...{ address, port, credentials, log: silent },
      onAgent: (link) => joined.push(link),
    });
  };
  const join = (mayBeAway: boolean): Promise<MessageLink> =>
    agents.joinLauncher({
      ...{ host: "launcher", port, credentials, timeoutMs: 10_000, mayBeAway },
    });

  it("finds a launcher whose name has moved to another address", async () => {
    nameStandsFor("127.0.0.2");
    const joining = join(false);
    await launcherAt("127.0.0.3");
    nameStandsFor("127.0.0.3");
    const link = await joining;
    await link.close();
  });

  it("does not wait for a name that has never been there", async () => {
    nameStandsFor(null);
    await expect(join(false)).rejects.toThrow(
      "the launcher's host launcher does not resolve (ENOTFOUND)",
    );
  });

  it("waits for a name that has been there before", async () => {
    nameStandsFor(null);
    const joining = join(true);
    await launcherAt("127.0.0.3");
    setTimeout(() => nameStandsFor("127.0.0.3"), 1_500);
    const link = await joining;
    await link.close();
  });

  it("tells the launcher that it ends", async () => {
    nameStandsFor("127.0.0.3");
    await launcherAt("127.0.0.3");
    const link = await join(false);
    const { end } = await served(link);
    await link.close();
    expect(await end).toBe("the agent was stopped");
  });

  it("that is busy, and has much on its way, hears that the launcher has ended its job", async () => {
    nameStandsFor("127.0.0.3");
    await launcherAt("127.0.0.3");
    const link = await join(false);
    const end = new Promise<string>((resolve) =>
      link.listen({
        message() {
          for (let i = 0; i < 64; i++) link.send(new Uint8Array(1 << 20));
          block(300);
        },
        end: resolve,
      }),
    );
    const { launcher } = await served(link);
    launcher.send(new Uint8Array([1]));
    const closed = server!.close();
    expect(await end).toBe(
      `the launcher at launcher:${port} has ended its job`,
    );
    await closed;
  });

  it("that does not answer keeps the launcher from its end for a second", async () => {
    nameStandsFor("127.0.0.3");
    await launcherAt("127.0.0.3");
    // Nobody listens there.
    await served(await join(false));
    const beganMs = performance.now();
    await server!.close();
    const tookMs = performance.now() - beganMs;
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(3_000);
  });

  /** The launcher's end of a link, and why it ends. */
  async function served(link: MessageLink) {
    link.send(new Uint8Array([1]));
    while (joined.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const launcher = joined[0]!;
    const end = new Promise<string>((resolve) =>
      launcher.listen({ message: () => {}, end: resolve }),
    );
    return { launcher, end };
  }
});

/** This thread does nothing else. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  return new Promise((resolve) =>
    server.once("listening", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    }),
  );
}
