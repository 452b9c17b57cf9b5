import { join } from "node:path";
import { launch } from "../support/launch";

describe.each(["shm", "tcp"])("ordinary arrays, over %s", (transport) => {
  let ranks: Record<string, unknown>[];
  beforeAll(async () => {
    const { exitCode, lines, stderr } = await launch({
      args: [
        ...["-n", "2", "--transport", transport],
        join(__dirname, "programs/adopted-arrays.mts"),
      ],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    ranks = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(ranks).toHaveLength(2);
  });

  test.each([
    ["move into the arena when they come a second time", "moved", [0, 1, 1, 1]],
    ["are summed right before and behind that", "wrong", [0, 0, 0, 0]],
    ["are summed right in part", "wrongInPart", 0],
    ["are broadcast", "bcast", true],
    ["are gathered", "allgather", true],
    ["that come once are summed right", "once", 0],
    ["are summed with others of Alloc_mem", "mixed", [0, 0, 0]],
    ["come when others have left", "next", [0, 0, 0]],
    ["keep their values when they are transferred", "transferred", true],
    ["that were transferred are nobody else's", "wrongBehindTransfer", [0, 0]],
    ["give their room back when they are collected", "left", 0],
    ["are right to the end", "wrongAtLast", 0],
  ])("%s", (_, name, value) => {
    expect(ranks.map((rank) => rank[name])).toEqual([value, value]);
  });
});
