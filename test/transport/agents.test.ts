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
    server?.close();
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
    link.send(new Uint8Array([1]));
    while (joined.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const end = new Promise<string>((resolve) =>
      joined[0]!.listen({ message: () => {}, end: resolve }),
    );
    await link.close();
    expect(await end).toBe("the agent was stopped");
  });
});

function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  return new Promise((resolve) =>
    server.once("listening", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    }),
  );
}
