import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { RESULTS } from "./results.fixture.ts";
import type { Results } from "./results.ts";
import { BEGIN, END } from "./section.ts";

let docs: string;
beforeEach(() => {
  docs = mkdtempSync(join(tmpdir(), "tsmpi-peers-"));
  writeFileSync(join(docs, "performance.md"), `# A\n\n${BEGIN}\n${END}\n\nB\n`);
});
afterEach(() => rmSync(docs, { recursive: true }));

const written = (name: string): string =>
  readFileSync(join(docs, name), "utf8");

const run = (args: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "bench/peers/run.ts", ...args, "--docs", docs],
    { env },
  );

/** The names of an SVG's elements. @throws it is not well-formed */
function elementsOf(svg: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?: [a-z0-9:-]+="[^"<]*")*)(\/?)>|[^<>]+/gi,
    (text, closes: string, name: string | undefined, _, isEmpty: string) => {
      if (name === undefined)
        return /&(?!amp;|lt;|quot;)/.test(text) ? text : "";
      if (!closes) names.push(name);
      if (!closes && !isEmpty) open.push(name);
      return closes && open.pop() !== name ? text : "";
    },
  );
  if (rest !== "" || open.length > 0)
    throw new Error(`not well-formed: ${rest} ${open.join()}`);
  return names;
}

describe("bench:peers", () => {
  it("draws results again: the table on stdout, section and plots in the docs", async () => {
    const from = join(docs, "results.json");
    writeFileSync(from, JSON.stringify(RESULTS));
    const { stdout } = await run(["--from", from]);
    expect(stdout).toMatch(/^\| 100 MB, arena, shm ÷ Gloo +\| /m);
    const text = written("performance.md");
    expect(text).toMatch(/^# A\n\n<!-- peers:begin -->\n\n`npm run/);
    expect(text).toMatch(/<!-- peers:end -->\n\nB\n$/);
    for (const line of stdout.trim().split("\n")) expect(text).toContain(line);
    await run(["--from", from]);
    expect(written("performance.md")).toBe(text);

    const allreduce = written("plots/allreduce.svg");
    const lines = elementsOf(allreduce).filter((name) => name === "polyline");
    // Seven ways, with two and with four ranks.
    expect(lines).toHaveLength(14);
    for (const name of [
      ...["tsmpi, shm, arena", "tsmpi, shm, ordinary", "tsmpi, tcp, arena"],
      ...["tsmpi, tcp, ordinary", "Gloo", "Open MPI, shm", "Open MPI, tcp"],
      ...["2 ranks", "4 ranks", "16 KiB", "4 MiB"],
    ])
      expect(allreduce).toContain(`>${name}</text>`);
    expect(allreduce).not.toContain("NaN");

    const step = written("plots/step.svg");
    expect(elementsOf(step).filter((name) => name === "polyline")).toHaveLength(
      4,
    );
    for (const name of ["mlp", "cnn", "tsmpi", "PyTorch DDP", "1", "2", "4"])
      expect(step).toContain(`>${name}</text>`);
    expect(step).not.toContain("NaN");
  });

  it("measures ours alone where no peer is, and says how to get each", async () => {
    const { stdout, stderr } = await run(
      [
        ...["--rounds", "2", "--bytes", "4,1Ki", "--ranks", "2"],
        ...["--transport", "shm", "--python", "no-python"],
      ],
      { TSMPI_CACHE_DIR: docs, PATH: "" },
    );
    for (const text of [
      "pip install torch",
      "apt install openmpi-bin",
      "npx tsrun setup",
    ])
      expect(stderr).toContain(text);
    expect(stderr.match(/ is left out: /g)).toHaveLength(3);
    expect(stdout).toContain("not measured");
    const { allreduceMs, samplesPerS, command } = JSON.parse(
      written("plots/peers.json"),
    ) as Results;
    expect(command).toBe(
      "npm run bench:peers -- --rounds 2 --bytes 4,1Ki --ranks 2 --transport shm",
    );
    expect(samplesPerS).toEqual([]);
    expect(
      allreduceMs.map(({ bytes, buffers }) => `${bytes} ${buffers}`).sort(),
    ).toEqual(["1024 arena", "1024 ordinary", "4 arena", "4 ordinary"]);
    for (const { rounds } of allreduceMs) {
      expect(rounds).toHaveLength(2);
      for (const ms of rounds) expect(ms).toBeGreaterThan(0);
    }
    elementsOf(written("plots/allreduce.svg"));
  });

  it.each([
    ["a flag that there is not", ["--sise", "3"], "--help lists the flags"],
    ["no results", ["--from", "package.json"], "package.json has no results"],
  ])("ends with one line on %s", async (_, args, text) => {
    const failure = await run(args).then(
      () => null,
      (error: { code: number; stderr: string }) => error,
    );
    expect(failure).toMatchObject({ code: 1 });
    expect(failure!.stderr).toMatch(/^bench:peers: [^\n]+\n$/);
    expect(failure!.stderr).toContain(text);
  });
});
