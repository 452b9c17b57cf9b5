import { type Options, parseOptions } from "./options.ts";

const parse = (line: string) =>
  parseOptions(line === "" ? [] : line.split(" ")) as Options;

describe("the command line of bench:peers", () => {
  it("measures everything ten times where nothing else is said", () =>
    expect(parse("")).toEqual({
      rounds: 10,
      bytes: [4, 65536, 2 ** 20, 4 * 2 ** 20, 25e6, 100e6],
      ranks: [2, 4],
      transports: ["shm", "tcp"],
      buffers: ["arena", "ordinary"],
      measures: ["allreduce", "step", "hosts"],
      ...{ python: "python3", from: null, docs: "docs" },
      command: "npm run bench:peers",
    }));

  it("takes less for a try, and writes nothing where it is told so", () =>
    expect(
      parse(
        "--rounds 1 --bytes 1MB,8 --ranks 3 --transport tcp --buffers arena --measure step --print-only",
      ),
    ).toMatchObject({
      ...{ rounds: 1, bytes: [1e6, 8], ranks: [3], transports: ["tcp"] },
      ...{ buffers: ["arena"], measures: ["step"], docs: null },
    }));

  it("names the command that measures the same elsewhere: no paths of this machine", () =>
    expect(
      parse("--python /opt/python --docs /tmp/x --rounds 2 --ranks 2").command,
    ).toBe("npm run bench:peers -- --rounds 2 --ranks 2"));

  it("prints help", () => expect(parseOptions(["--help"])).toBe("help"));

  it.each([
    ["--rounds 0", '--rounds "0" is no whole number from 1'],
    ["--ranks 2,1", '--ranks "1" is no whole number from 2'],
    ["--bytes 6", "--bytes 6: that is no whole number of float32 elements"],
    ["--bytes 0", "--bytes 0: that is no whole number of float32 elements"],
    ["--bytes 4x", '--bytes "4x" is no number of bytes'],
    ["--transport ipc", 'unknown --transport "ipc"; there are: shm, tcp'],
    ["--buffers own", 'unknown --buffers "own"; there are: arena, ordinary'],
    [
      "--measure all",
      'unknown --measure "all"; there are: allreduce, step, hosts',
    ],
    ["--round 2", "--help lists the flags"],
    ["--from a.json --rounds 3", "--rounds 3 has no meaning beside it"],
  ])("refuses %s", (line, text) => expect(() => parse(line)).toThrow(text));
});
