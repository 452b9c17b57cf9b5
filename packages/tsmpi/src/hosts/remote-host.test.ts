import { PassThrough, type Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { serveLauncher } from "./agent";
import type { ProcessEnd, StartOrder } from "./host";
import { RemoteHost } from "./remote-host";
import { StreamLink } from "./stream-link";

/** A launcher and an agent, both in this process, with two pipes between them. */
function connect() {
  const there = new PassThrough();
  const back = new PassThrough();
  const served = serveLauncher(new StreamLink(there, back), {
    peer: "the launcher",
    slots: null,
  });
  const host = new RemoteHost(new StreamLink(back, there), "b");
  return { host, served, there, back };
}

const order = (script: string, more: Partial<StartOrder> = {}): StartOrder => ({
  rank: 3,
  argv: [process.execPath, "-e", script],
  cwd: "/",
  env: { GREETING: "hello" },
  readsStdin: false,
  hearsNews: false,
  ...more,
});

function start(host: RemoteHost, what: StartOrder) {
  let pid: (pid: number) => void;
  let end: (end: ProcessEnd | string) => void;
  const started = new Promise<number>((resolve) => (pid = resolve));
  const ended = new Promise<ProcessEnd | string>((resolve) => (end = resolve));
  const process = host.start(what, {
    started: (number) => pid(number),
    notStarted: (why) => end(why),
    ended: (how) => end(how),
    lost: (why) => end(`lost: ${why}`),
  });
  return { process, started, ended };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !condition(); turn++) await sleep(10);
  expect(condition()).toBe(true);
}

describe("a process on another host", () => {
  test("is started with its environment, and says how it ends", async () => {
    const { host, served } = connect();
    const { process, started, ended } = start(
      host,
      order(
        `console.log(process.env.GREETING); console.error("no"); require("fs").writeSync(3, "line"); process.exit(7)`,
      ),
    );
    const read = (stream: Readable) => text(stream);
    const all = [process.output.stdout, process.output.stderr, process.status];
    expect(await Promise.all(all.map(read))).toEqual([
      "hello\n",
      "no\n",
      "line",
    ]);
    expect(await started).toBeGreaterThan(0);
    expect(await ended).toMatchObject({ code: 7, signal: null });
    await host.close();
    expect(await served).toBe("the connection has ended");
  });

  test("gets signals, also those sent before it runs", async () => {
    const { host } = connect();
    const { process, ended } = start(host, order("setInterval(() => {}, 9)"));
    process.signal("SIGTERM");
    expect(await ended).toMatchObject({ code: null, signal: "SIGTERM" });
    await host.close();
  });

  test("that there is not is reported", async () => {
    const { host } = connect();
    const { ended } = start(host, order("", { argv: ["/no/such/program"] }));
    expect(await ended).toMatch(/ENOENT/);
    await host.close();
  });

  test("that no system could start is reported, and the others go on", async () => {
    const { host } = connect();
    const other = start(host, order("setTimeout(() => process.exit(4), 300)"));
    const argv = [process.execPath, "a\0b"];
    const { ended } = start(host, order("", { rank: 4, argv }));
    expect(await ended).toMatch(/null bytes/);
    expect(await other.ended).toMatchObject({ code: 4 });
    await host.close();
  });

  test("waits while nobody reads what it writes", async () => {
    const { host, back } = connect();
    let bytes = 0;
    back.on("data", (chunk: Buffer) => (bytes += chunk.byteLength));
    const { process, ended } = start(
      host,
      order(`process.stdout.write(Buffer.alloc(9e6, "x"))`),
    );
    await until(() => bytes > 1e6);
    await sleep(100);
    expect(bytes).toBeLessThan(1.5e6);
    process.output.stderr.resume();
    expect((await text(process.output.stdout)).length).toBe(9e6);
    expect(await ended).toMatchObject({ code: 0 });
    await host.close();
  });

  test("hears news", async () => {
    const { host } = connect();
    const echo = `require("fs").createReadStream("", { fd: 4 }).pipe(process.stdout)`;
    const { process } = start(host, order(echo, { hearsNews: true }));
    process.news!.write("one\n");
    process.news!.end("two\n");
    expect(await text(process.output.stdout)).toBe("one\ntwo\n");
    await host.close();
  });

  test("ends when the launcher is gone, and is lost when the agent is", async () => {
    const { host, served, there, back } = connect();
    const { started, ended } = start(host, order("setInterval(() => {}, 9)"));
    const pid = await started;
    there.destroy();
    back.destroy();
    expect(await ended).toBe("lost: the connection has ended");
    await served;
    await until(() => !isAlive(pid));
    expect(await start(host, order("")).ended).toBe(
      "lost: the connection has ended",
    );
    await expect(host.ask({ type: "unlisten" })).rejects.toThrow(
      "the connection has ended",
    );
  });
});

describe("an agent", () => {
  test("says who it is, and what is missing", async () => {
    const { host } = connect();
    expect(await host.facts).toMatchObject({ node: process.version });
    const paths = ["/", "/no/such/folder"];
    expect(await host.ask({ type: "missing", paths })).toEqual([paths[1]]);
    await host.close();
  });

  test("is skipped to, whatever a login script prints", async () => {
    const input = new PassThrough();
    const heard: string[] = [];
    const link = new StreamLink(input, new PassThrough(), {
      awaitsGreeting: true,
    });
    link.listen({
      message: (bytes) => heard.push(Buffer.from(bytes).toString()),
      end: () => {},
    });
    const greeting = "\n--- tsrun agent 1 ---\n";
    input.write("Welcome to b!\n--- tsrun");
    input.write(greeting.slice(0, 9));
    input.write(greeting.slice(9));
    input.write(Buffer.from([0, 0, 0, 2, 104]));
    input.write(Buffer.from([105, 0, 0]));
    input.write(Buffer.from([0, 1, 33]));
    await until(() => heard.length === 2);
    expect(heard).toEqual(["hi", "!"]);
  });

  test("is left if it says what nobody understands", async () => {
    const { host, served, back } = connect();
    const { started, ended } = start(host, order("setInterval(() => {}, 9)"));
    const pid = await started;
    back.write(Buffer.from([0, 0, 0, 3, 0xc1, 1, 2]));
    expect(await ended).toBe("lost: b sends what is no message of ours");
    await served;
    await until(() => !isAlive(pid));
    await host.close();
  });

  test("is left if it announces more than any message has", async () => {
    const input = new PassThrough();
    const link = new StreamLink(input, new PassThrough());
    const why = new Promise((resolve) =>
      link.listen({ message: () => {}, end: resolve }),
    );
    input.write(Buffer.from([0x7f, 0, 0, 0]));
    expect(await why).toBe("it sends what is no message of ours");
  });
});
