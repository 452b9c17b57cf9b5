import { PassThrough } from "node:stream";
import { Channel } from "./channel";
import { connectAgent } from "./connect";
import { ownFacts } from "./facts";
import type { AgentFacts, FromAgent, ToAgent } from "./host-messages";
import { StreamLink } from "./stream-link";

/** An agent that says this of itself, and has all that is asked for but `missing`. */
async function agentWith(
  facts: Partial<AgentFacts>,
  missing: readonly string[] = [],
): Promise<{ readonly link: StreamLink; readonly ended: Promise<string> }> {
  const there = new PassThrough();
  const back = new PassThrough();
  let end: (why: string) => void;
  const ended = new Promise<string>((resolve) => (end = resolve));
  const channel: Channel<FromAgent, ToAgent> = new Channel({
    link: new StreamLink(there, back),
    peer: "the launcher",
    patienceMs: 10_000,
    onEnd: (why) => end(why),
    onMessage(message: ToAgent) {
      if (message.type !== "ask") return;
      const { number, question } = message;
      const answer =
        question.type === "missing" ? missing : { cores: [0], gpus: [] };
      channel.send({ type: "answer", number, answer });
    },
  });
  channel.send({
    type: "facts",
    facts: { ...(await ownFacts(null)), ...facts },
  });
  return { link: new StreamLink(back, there), ended };
}

describe("connecting to an agent", () => {
  test("gives a host that is fit for the job, by the name it has itself", async () => {
    const { link } = await agentWith({ hostname: "node7", slots: 3 });
    const host = await connectAgent(null, link, { paths: [], gpus: null });
    expect(host).toMatchObject({ name: "node7", cores: [0], isLocal: false });
    await host.host.close();
  });

  test.each([
    [
      { node: "v18.2.0" },
      /^on b it is Node v18, and here it is v\d+; all hosts of a job need the same$/,
    ],
    [
      { platform: "linux-arm64" },
      /^on b it is platform linux-arm64, and here it is \w+-\w+;/,
    ],
    [
      { version: "0.0.9", platform: "aix-ppc64" },
      /^on b it is tsmpi 0\.0\.9, and here it is .*; platform aix-ppc64, and here/,
    ],
  ])("refuses one with %j, and lets it go", async (facts, message) => {
    const { link, ended } = await agentWith(facts);
    const connecting = connectAgent("b", link, { paths: [], gpus: null });
    await expect(connecting).rejects.toThrow(message);
    await expect(connecting).rejects.toMatchObject({ code: "ERR_HOST" });
    expect(await ended).toBe("the connection has ended");
  });

  test("refuses one without the program", async () => {
    const { link } = await agentWith({}, ["/home/me/train.ts"]);
    const paths = ["/home/me/train.ts"];
    await expect(
      connectAgent("b", link, { paths, gpus: null }),
    ).rejects.toThrow(
      "there is no /home/me/train.ts on b; use a folder that all hosts share, or copy it with --sync",
    );
  });
});
