import { hostname } from "node:os";
import { type Collective, ALGORITHM_NAMES } from "@tsmpi/collective";
import { launch } from "../support/launch";
import { program } from "./temporary";

const bench = (line: string) =>
  launch({ args: ["bench", ...line.split(" ")].filter((word) => word !== "") });

/** Those that run on one host. */
const namesOf = (collective: Collective): string[] =>
  (ALGORITHM_NAMES[collective] as readonly string[]).filter(
    (name) => name !== "auto" && name !== "hierarchical",
  );

const KEYS =
  "op algorithm transport ranks bytes dtype buffers compression medianMs minMs q1Ms q3Ms p99Ms algbwGBps busbwGBps verified";

describe("tsrun bench", () => {
  test("allreduce with all algorithms as JSON: a line for each size and algorithm, verified", async () => {
    const { exitCode, stdout, stderr } = await bench(
      "allreduce -n 3 --sizes 4,1k --algorithms all --json --iterations 20 --warmup 5",
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ bytes, algorithm }) => [bytes, algorithm])).toEqual(
      [4, 1024].flatMap((bytes) =>
        namesOf("allreduce").map((name) => [bytes, name]),
      ),
    );
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(KEYS.split(" "));
      expect(line).toMatchObject({
        ...{ op: "allreduce", ranks: 3, dtype: "float32" },
        transport: line["algorithm"] === "direct" ? "shm" : "ipc",
        ...{ buffers: "arena", verified: true },
      });
      const { minMs, q1Ms, medianMs, q3Ms, p99Ms, algbwGBps, busbwGBps } =
        line as Record<string, number>;
      const ascending = [minMs!, q1Ms!, medianMs!, q3Ms!, p99Ms!];
      expect(minMs).toBeGreaterThan(0);
      expect(ascending.toSorted((a, b) => a - b)).toEqual(ascending);
      expect(algbwGBps).toBeGreaterThan(0);
      expect(busbwGBps! / algbwGBps!).toBeCloseTo(4 / 3);
    }
  });

  test("measures and verifies every benchmark with every algorithm", async () => {
    const args = ["-n", "3", program("bench-all.js")];
    const { exitCode, stdout, stderr } = await launch({ args });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const measured = new Set(
      stdout
        .trim()
        .split("\n")
        .map((line) => {
          const { op, algorithm, bytes } = JSON.parse(line) as {
            op: string;
            algorithm: string;
            bytes: number;
          };
          return `${op} ${algorithm} ${bytes}`;
        }),
    );
    const sizes = [0, 4, 1 << 10, 300 << 10];
    const collectives = Object.keys(ALGORITHM_NAMES) as Collective[];
    const vectors = ["gather", "scatter", "allgather", "alltoall"] as const;
    expect([...measured].sort()).toEqual(
      [
        ...["ringtest", "pingpong", "bandwidth"].flatMap((op) =>
          sizes.map((bytes) => `${op} point-to-point ${bytes}`),
        ),
        ...collectives.flatMap((collective) =>
          namesOf(collective).flatMap((name) =>
            (collective === "barrier" ? [0] : sizes).map(
              (bytes) => `${collective.replace("S", "_s")} ${name} ${bytes}`,
            ),
          ),
        ),
        // Bruck's alltoall takes blocks of one length.
        ...vectors.flatMap((collective) =>
          namesOf(collective)
            .filter((name) => `${collective} ${name}` !== "alltoall bruck")
            .flatMap((name) =>
              sizes.map((bytes) => `${collective}v ${name} ${bytes}`),
            ),
        ),
      ].sort(),
    );
  });

  test("runs a job for each transport and measures each size in buffers of each kind, all in one table", async () => {
    const { exitCode, stdout, stderr } = await bench(
      "allreduce -n 2 --bytes 4,1MB --transport shm,ipc,tcp --buffers arena,ordinary --iterations 3 --warmup 1",
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const [title, columns, ...rows] = stdout.trim().split("\n");
    expect(title).toBe("allreduce of float32, 2 ranks");
    expect(columns).toMatch(/^ +bytes +transport +buffers +algorithm /);
    expect(rows.map((row) => row.trim().split(/ +/).slice(0, 3))).toEqual(
      ["shm", "ipc", "tcp"].flatMap((transport) =>
        ["4", "1MB"].flatMap((bytes) =>
          ["arena", "ordinary"].map((kind) => [bytes, transport, kind]),
        ),
      ),
    );
  });

  test("allreduce with compression on the wire, verified within what it may lose", async () => {
    const { exitCode, stdout, stderr } = await bench(
      "allreduce -n 3 --bytes 4,2000,1MB --compression none,fp16,bf16,int8 --json --iterations 2 --warmup 1",
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const ways = lines.map(
      ({ bytes, algorithm, transport, compression }) =>
        `${String(bytes)} ${String(algorithm)} ${String(transport)} ${String(compression)}`,
    );
    expect(ways).toEqual(
      [4, 2000, 1_000_000].flatMap((bytes) => [
        `${bytes} direct shm null`,
        ...["fp16", "bf16", "int8"].map(
          (name) => `${bytes} compressed ipc ${name}`,
        ),
      ]),
    );
  });

  test("ends with the first job that fails", async () => {
    const { exitCode, stdout } = await bench(
      "allreduce -n 2 --bytes 4 --transport inproc,ipc --iterations 1 --json",
    );
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe("");
  });

  test("helloworld greets from every rank, in order", async () => {
    const { exitCode, stdout, stderr } = await bench("helloworld -n 4");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(
      [0, 1, 2, 3]
        .map((r) => `Hello, World! I am process ${r} of 4 on ${hostname()}.\n`)
        .join(""),
    );
  });

  test("ringtest prints how long a message took round the ring", async () => {
    const { exitCode, stdout, stderr } = await bench(
      "ringtest -n 3 --loop 20 --size 1k",
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(
      /^time for 20 loops = \d+\.\d+ seconds \(3 processes, 1024 bytes\)\n$/,
    );
  });

  test("prints for people a table with the winner and what select takes, over the transport that is asked for", async () => {
    const { exitCode, stdout } = await bench(
      "bcast -n 2 --transport tcp --sizes 8 --algorithms all --iterations 5",
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^bcast of float32, 2 ranks; medians in ms\n +bytes +transport +buffers +binomial .* fastest\n +8 +tcp +arena .*select takes/,
    );
  });

  test.each(["", "--help", "allreduce --help"])(
    "%s prints benchmarks, flags and examples",
    async (line) => {
      const { exitCode, stdout, stderr } = await bench(line);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toMatch(/^ *reduce_scatter +the sum/m);
      expect(stdout).toContain("--algorithms");
      expect(stdout).toContain("-n, --np");
      expect(stdout.match(/^ +tsrun bench .* -n \d/gm)).toHaveLength(5);
      expect(stdout).not.toContain("[string]");
    },
  );

  test.each([
    [
      "allredcue -n 2",
      'unknown benchmark "allredcue"; did you mean "allreduce"?',
    ],
    [
      "allreduce --transport ipc,tcpp",
      'unknown --transport "tcpp"; did you mean "tcp"? there are: auto, shm, tcp, ipc, inproc',
    ],
    [
      "allreduce --buffers heap",
      'unknown --buffers "heap"; there are: arena, ordinary',
    ],
    ["allreduce --bytes 64Kib,4iB", '--bytes "4iB" is no number of bytes'],
    ["bcast --algorithms rong", 'unknown bcast algorithm "rong"'],
  ])("%s: one line, exit code 2, nothing started", async (line, text) => {
    const { exitCode, stdout, stderr } = await bench(line);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^tsrun: [^\n]*\n$/);
    expect(stderr).toContain(text);
  });
});
