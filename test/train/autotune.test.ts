import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../support/launch";

const PROGRAM = join(__dirname, "programs/autotune.mts");
const ONE_STEP = join(__dirname, "programs/one-step.mts");
const PREFIX = "tsmpi notice [rank 0] autotune: ";

interface Trained {
  readonly digests: readonly string[];
  readonly losses: readonly number[];
  /** What rank 0 says of autotune, and how it goes on. */
  readonly said: readonly string[];
}

describe("tsrun --autotune", () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "tsmpi-autotune-"));
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  const run = (args: readonly string[], level = "notice") =>
    launch({
      args: ["--engine", "wasm", ...args],
      env: { TSMPI_CACHE_DIR: cache, TSMPI_LOG: level },
    });

  async function train(
    flags: readonly string[],
    { epochs = 6, options = {} } = {},
  ): Promise<Trained> {
    const { exitCode, lines, stderr } = await run([
      ...flags,
      ...[PROGRAM, String(epochs), JSON.stringify(options)],
    ]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const words = lines.map((line) => line.split(" "));
    return {
      digests: words.map(([digest]) => digest!),
      losses: words.map(([, loss]) => Number(loss)),
      said: stderr.split("\n").filter((line) => !/ engine /.test(line)),
    };
  }

  const keptFiles = (): string[] => {
    const folder = join(cache, "autotune");
    return readdirSync(folder).map((name) => join(folder, name));
  };

  test("chooses, says why, and trains as without, to the bit between two ranks; a later job takes the choice", async () => {
    const { digests, said } = await train(["-n", "2", "--autotune"]);
    expect(said[0]).toBe(
      `${PREFIX}tries 5 algorithms, 2 bucket sizes in the first 54 steps at most`,
    );
    const [file, ...others] = keptFiles();
    expect(others).toEqual([]);
    expect(said[1]).toMatch(
      /autotune: chose .*, buckets of (25|1) MB: (a step takes .* % less|nothing was faster.*) \(.* ms.*\)$/,
    );
    expect(said.join("\n")).toMatch(
      /tried direct, in shared memory, buckets of 25 MB: .* ms/,
    );
    expect(said.join("\n")).toContain("not tried: ipc or tcp instead");
    expect(said.join("\n")).toContain("not tried: compression");
    expect(said.at(-2)).toContain(`for these hosts and this model in ${file};`);

    const without = await train(["-n", "2"]);
    expect(without.said).toEqual([""]);
    expect(digests).toEqual(without.digests);

    const [chosen] = /(?<=chose ).* MB/.exec(said[1]!)!;
    const later = await train(["-n", "2", "--autotune"], { epochs: 1 });
    expect(later.said[0]).toContain(`${PREFIX}takes ${chosen}, chosen 20`);
    expect(later.said).toHaveLength(2);
    expect(new Set(later.digests).size).toBe(1);
  });

  test("keeps three ranks alike to the bit, and close to a run without, also by distribute and with a compression that is allowed", async () => {
    const network = ["-n", "3", "--transport", "tcp"];
    const without = await train(network);
    const exact = await train(network, { options: { autotune: true } });
    expect(new Set(exact.digests).size).toBe(1);
    expect(exact.losses[0]).toBeCloseTo(without.losses[0]!, 4);
    expect(exact.said.join("\n")).not.toMatch(/fp16|bf16|int8/);

    const options = { autotune: { compressions: ["fp16"] }, bucketBytes: 3e6 };
    const lossy = await train(network, { options });
    expect(lossy.said[0]).toContain(
      "5 algorithms, 1 bucket size, compression (none, fp16)",
    );
    expect(lossy.said.join("\n")).toMatch(
      /tried fp16 over sockets, buckets of 3 MB: .* ms/,
    );
    expect(new Set(lossy.digests).size).toBe(1);
    expect(lossy.losses[0]).toBeCloseTo(without.losses[0]!, 2);
  });

  test("does not believe a file that is damaged or of another version, and writes it anew", async () => {
    const flags = ["-n", "2", "--autotune", "--allreduce", "ring"];
    await train(flags);
    const [file] = keptFiles() as [string];
    const kept = readFileSync(file, "utf8");
    for (const [text, why] of [
      ["{", "it is damaged: no JSON object"],
      [
        kept.replace(/"version": ".*"/, '"version": "0.0.1"'),
        "it is of tsmpi 0.0.1, and this is ",
      ],
    ] as const) {
      writeFileSync(file, text);
      const { said } = await train(flags);
      expect(said[0]).toContain(
        `tsmpi warn [rank 0] autotune: ${file} is not used, and will be written anew: ${why}`,
      );
      expect(said[1]).toContain("tries 1 algorithm, 2 bucket sizes");
      expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
        case: (JSON.parse(kept) as { case: object }).case,
      });
      expect(keptFiles()).toEqual([file]);
    }
  });

  test("that the training is too short for says so and keeps nothing", async () => {
    const { said } = await train(["-n", "2", "--autotune"], { epochs: 1 });
    expect(said.slice(1)).toEqual([
      "tsmpi warn [rank 0] autotune: the training ended after 10 steps, and trying takes up to 54: nothing was chosen, nothing is kept; train for more steps, or leave autotune out",
      "",
    ]);
    expect(readdirSync(cache)).toEqual([]);
  });

  test("without training says what to do", async () => {
    const script = join(cache, "hello.mjs");
    writeFileSync(script, "console.log('hello')");
    const untold = await run(["-n", "2", "--autotune", script]);
    expect(untold).toMatchObject({
      exitCode: 0,
      stderr:
        "tsrun: --autotune: there was nothing to tune: the program has distributed no model and no optimizer; call distribute(model) before it trains, or leave --autotune out\n",
    });
    const { said } = await train(["-n", "2", "--autotune"], { epochs: 0 });
    expect(said[0]).toBe(
      "tsmpi warn [rank 0] autotune: there was nothing to tune: the program distributed a model or an optimizer, and made no training step with it; train it with fit, trainOnBatch or minimize, or leave autotune out",
    );
    const alone = await train(["-n", "1", "--autotune"], { epochs: 1 });
    expect(alone.said[0]).toContain("one rank exchanges nothing");
  });

  test("a choice that cannot be kept is used all the same", async () => {
    writeFileSync(join(cache, "autotune"), "a file where a folder should be");
    const { said, digests } = await train(["-n", "2", "--autotune"]);
    expect(new Set(digests).size).toBe(1);
    expect(said.join("\n")).toMatch(
      /is not used, and will be written anew: ENOTDIR[^]*cannot be kept in .*: .*; TSMPI_CACHE_DIR names another folder[^]*\n {2}not kept\n/,
    );
  });

  test("and its options are checked", async () => {
    const messageOf = async (autotune: unknown): Promise<string> => {
      const options = JSON.stringify({ autotune });
      const { exitCode, stderr } = await run([
        "-n",
        "1",
        PROGRAM,
        "1",
        options,
      ]);
      expect(exitCode).toBe(1);
      return stderr;
    };
    expect(await messageOf({ compressions: ["zip"] })).toContain(
      "distribute: an entry of autotune.compressions is zip, and must be one of bf16, fp16, int8",
    );
    expect(await messageOf({ codecs: [] })).toContain(
      'distribute: autotune has no option "codecs"; there is compressions',
    );
    expect(await messageOf("yes")).toContain(
      "distribute: autotune is yes, and must be true, false or an object",
    );
    const { exitCode, stderr } = await launch({
      args: ["-n", "2", ONE_STEP],
      env: { TSMPI_AUTOTUNE: "maybe" },
    });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(
      'TSMPI_AUTOTUNE="maybe" must be a whole number from 0 to 1',
    );
  });
});
