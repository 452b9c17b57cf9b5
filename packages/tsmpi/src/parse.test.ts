import { parseRun } from "./parse";
import type { RunOptions } from "./options";
import { NO_HOSTS } from "./placement/host-options";

const parse = (line: string) => parseRun(line.split(" ")) as RunOptions;
const mistake = (line: string): string => {
  try {
    parseRun(line === "" ? [] : line.split(" "));
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${line} was accepted`);
};

describe("parsing the command line", () => {
  test.each(["-n 4", "-np 4", "--np 4", "--np=4", "-n=4", "-n 2 -n 4"])(
    "%s asks for four ranks",
    (flags) => {
      expect(parse(`${flags} a.ts`).programs[0]!.ranks).toBe(4);
    },
  );

  test("what follows the program belongs to it, unchanged", () => {
    const { programs, timeoutMs } = parse(
      "-n 2 a.ts -n 007 --timeout 1.50 --help -- --x=1",
    );
    expect(programs[0]!.args).toEqual(
      "-n 007 --timeout 1.50 --help -- --x=1".split(" "),
    );
    expect(timeoutMs).toBeNull();
  });

  test("-x may be repeated; neither a comma, a dot nor an equals sign in its value is special", () => {
    const { programs } = parse("-x A=1,2 -x B.c=x=y -x HOME -x E= a.ts");
    expect(programs[0]!.variables).toEqual([
      ["A", "1,2"],
      ["B.c", "x=y"],
      ["HOME", null],
      ["E", ""],
    ]);
  });

  test("mpirun's long flags may have one dash", () => {
    const { timeoutMs, tagOutput } = parse("-timeout 2.5 -tag-output a.ts");
    expect({ timeoutMs, tagOutput }).toEqual({
      timeoutMs: 2500,
      tagOutput: true,
    });
  });

  test("a colon separates programs, each with its own -n, -x and --wdir", () => {
    const { programs } = parse("-n 1 -x A=1 a.ts 1 : -n 3 --wdir w b.ts 2");
    expect(programs).toEqual([
      {
        ranks: 1,
        variables: [["A", "1"]],
        wdir: null,
        script: "a.ts",
        args: ["1"],
      },
      { ranks: 3, variables: [], wdir: "w", script: "b.ts", args: ["2"] },
    ]);
  });

  test("stdin goes to rank 0, to another rank, or to none", () => {
    expect(parse("a.ts").stdin).toBe(0);
    expect(parse("--stdin 2 a.ts").stdin).toBe(2);
    expect(parse("--stdin none a.ts").stdin).toBeNull();
  });

  test("knows nothing of hosts where nothing is said", () => {
    expect(parse("a.ts").hosts).toEqual(NO_HOSTS);
  });

  test("reads what is said of hosts", () => {
    const line =
      "-H a:2 --host me@b --machinefile f --map-by ppr:2:host --rank-by host --oversubscribe --sync -p 2222 -i key --interface eth0 --port-range 1-9 --insecure a.ts";
    expect(parse(line).hosts).toEqual({
      host: [
        { name: "a", user: null, slots: 2 },
        { name: "b", user: "me", slots: null },
      ],
      ...{ hostfile: "f", agents: null },
      ...{ mapBy: { by: "ppr", perHost: 2 }, rankBy: "node" },
      ...{ oversubscribe: true, sync: true, insecure: true },
      ...{ sshPort: 2222, sshIdentity: "key", interface: "eth0" },
      portRange: [1, 9],
    });
  });

  test.each([
    ["29400", { address: null, port: 29400 }],
    ["10.0.0.1:29400", { address: "10.0.0.1", port: 29400 }],
    ["[fd00::1]:1", { address: "fd00::1", port: 1 }],
  ])("--agents %s", (value, expected) => {
    expect(parse(`--agents ${value} a.ts`).hosts.agents).toEqual(expected);
  });

  test("--help and --version win over everything behind them", () => {
    expect(parseRun(["--help"])).toBe("help");
    expect(parseRun(["-n", "x", "--version"])).toBe("version");
  });

  test.each([
    ["-n 0 a.ts", '-n "0" is not a number of ranks'],
    ["-n -1 a.ts", '-n "-1" is not a number of ranks'],
    ["-n abc a.ts", "as in -n 4"],
    ["-n 1.5 a.ts", "whole number"],
    ["-n", "-n needs a value"],
    ["-n 2", "no program given"],
    ["-n4 a.ts", "unknown flag -n4; did you mean -n 4?"],
    [
      "--alreduce ring a.ts",
      "unknown flag --alreduce; did you mean --allreduce?",
    ],
    ["--tag-outptu a.ts", "did you mean --tag-output?"],
    ["--frobnicate a.ts", "unknown flag --frobnicate; tsrun --help"],
    ["--timeout soon a.ts", '--timeout "soon" is not a number of seconds'],
    ["--timeout 0 a.ts", "give one above 0"],
    ["--timeout --dry-run a.ts", "--timeout needs a value"],
    ["-x =3 a.ts", "names no variable"],
    ["--bind-to socket a.ts", "there are: core, none"],
    ["--stdin -1 a.ts", "is no rank"],
    ["-n 1 a.ts : -n 2", "a program is missing beside a `:`"],
    ["-n 1 a.ts : b.ts", "how many ranks run b.ts?"],
    ["-n 1 a.ts : -n 1 --timeout 3 b.ts", "put it before the first program"],
    ["--map-by core a.ts", "there are: slot, node, ppr:N:node"],
    ["--map-by ppr:x:node a.ts", '"x" is no number of ranks for each host'],
    ["--map-by ppr:0:node a.ts", "as in ppr:2:node"],
    ["--map-by ppr a.ts", '"" is no number of ranks for each host'],
    ["--map-by ppr:2 a.ts", "write ppr:2:node"],
    ["--map-by ppr:2:socket a.ts", "write ppr:2:node"],
    ["--rank-by core a.ts", "there are: slot, node"],
    ["--ssh-port 0 a.ts", "as in -p 2222"],
    ["--agents x a.ts", '"x" is no port; write [HOST:]PORT'],
    ["--agents 70000 a.ts", "from 1 to 65535, as in --agents 29400"],
    ["--agents a:b:29400 a.ts", "as in --agents 10.0.0.1:29400"],
    ["--interface eth/0 a.ts", "as in --interface eth0"],
    ["--port-range 9-3 a.ts", "runs backwards; write --port-range 3-9"],
    ["--port-range 29500 a.ts", "as in --port-range 29500-29599"],
    ["--port-range 1-70000 a.ts", "is no range of ports"],
    ["-n 1 a.ts : -n 1 --host a b.ts", "put it before the first program"],
  ])("tsrun %s is refused: %s", (line, message) => {
    expect(mistake(line)).toContain(message);
    expect(mistake(line)).not.toContain("\n");
  });
});
