import { parseRun } from "../parse";
import type { RunOptions } from "../options";
import { placement } from "./placement";

/**
 * Where ranks are placed.
 *
 * @param hosts `a:2 b:3/4`: name, slots, and behind a slash max_slots
 */
function place(line: string, hosts: string) {
  const { programs, hosts: asked } = parseRun(
    `${line} p.ts`.split(" "),
  ) as RunOptions;
  return placement(
    { ...asked, programs: programs.map(({ ranks }) => ranks) },
    hosts.split(" ").map((host) => {
      const [, name, slots, maxSlots] = /^(\w+):(\d+)(?:\/(\d+))?$/.exec(host)!;
      return {
        ...{ name: name!, slots: Number(slots) },
        maxSlots: maxSlots === undefined ? null : Number(maxSlots),
      };
    }),
  );
}

/** The ranks of each host, as mpirun's map has them. */
function map(line: string, hosts: string): string {
  const places = place(line, hosts);
  return hosts
    .split(" ")
    .map((_, index) =>
      places
        .flatMap(({ host }, rank) => (host === index ? [rank] : []))
        .join(" "),
    )
    .join(" | ");
}

const mistake = (line: string, hosts: string): string => {
  try {
    place(line, hosts);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${line} was accepted`);
};

describe("placing ranks", () => {
  // What `mpirun --do-not-launch --display-map --bind-to none --host a:4,b:2 …` of Open MPI 4.1.4 prints.
  test.each([
    ["--map-by slot", "a:2 b:2", "0 1 | 2 3"],
    ["-n 3", "a:2 b:2", "0 1 | 2"],
    ["-n 2", "a:2 b:2", "0 1 | "],
    ["-n 4 --map-by node", "a:4 b:2", "0 2 | 1 3"],
    ["-n 5 --map-by node", "a:4 b:2", "0 2 4 | 1 3"],
    ["-n 6 --map-by node", "a:4 b:2", "0 2 4 5 | 1 3"],
    ["--map-by node", "a:4 b:1 c:2", "0 3 5 6 | 1 | 2 4"],
    ["-n 7 --map-by node", "a:1 b:4 c:2", "0 | 1 3 5 6 | 2 4"],
    ["-n 6 --map-by node", "a:1 b:5 c:3", "0 | 1 3 5 | 2 4"],
    ["-n 8 --map-by node", "a:5 b:1 c:3", "0 3 5 7 | 1 | 2 4 6"],
    ["-n 5 --rank-by node", "a:4 b:2", "0 2 3 4 | 1"],
    ["-n 6 --rank-by node", "a:4 b:2", "0 2 4 5 | 1 3"],
    ["-n 6 --map-by node --rank-by slot", "a:4 b:2", "0 1 2 3 | 4 5"],
    ["-n 5 --map-by node --rank-by slot", "a:4 b:2", "0 1 2 | 3 4"],
    ["--map-by ppr:2:node", "a:4 b:4", "0 1 | 2 3"],
    ["--map-by ppr:2:host", "a:4 b:4", "0 1 | 2 3"],
    ["-n 3 --map-by ppr:2:node", "a:4 b:4", "0 1 | 2"],
    ["-n 4 --map-by ppr:3:node", "a:4 b:4", "0 1 2 | 3"],
    ["-n 4 --map-by ppr:2:node --rank-by node", "a:4 b:4", "0 2 | 1 3"],
    ["-n 5 --map-by ppr:3:node --rank-by node", "a:4 b:4", "0 2 4 | 1 3"],
    ["--oversubscribe --map-by ppr:2:node", "a:4 b:1", "0 1 | 2 3"],
    ["-n 5 --oversubscribe", "a:2 b:2", "0 1 2 | 3 4"],
    ["-n 9 --oversubscribe", "a:2 b:2", "0 1 2 3 4 | 5 6 7 8"],
    ["-n 9 --oversubscribe", "a:2 b:3 c:1", "0 1 2 | 3 4 5 6 | 7 8"],
    ["-n 11 --oversubscribe", "a:2 b:3 c:1", "0 1 2 3 | 4 5 6 7 8 | 9 10"],
    ["-n 7 --oversubscribe --map-by node", "a:1 b:3", "0 2 4 6 | 1 3 5"],
    ["-n 5 --oversubscribe --map-by node", "a:1 b:3", "0 2 4 | 1 3"],
    ["-n 4 --oversubscribe --map-by node", "a:1 b:3", "0 | 1 2 3"],
  ])("%s on %s as mpirun: %s", (line, hosts, expected) => {
    expect(map(line, hosts)).toBe(expected);
  });

  test.each([
    ["-n 2 p.ts : -n 2", "a:2 b:2", "0 1 | 2 3"],
    ["-n 1 p.ts : -n 3", "a:2 b:2", "0 1 | 2 3"],
    ["--map-by node -n 1 p.ts : -n 3", "a:2 b:2", "0 1 | 2 3"],
    ["--map-by node -n 2 p.ts : -n 2", "a:2 b:2", "0 2 | 1 3"],
    ["--map-by node -n 3 p.ts : -n 3", "a:3 b:3", "0 2 3 | 1 4 5"],
    [
      "--map-by node --rank-by slot -n 3 p.ts : -n 3",
      "a:3 b:3",
      "0 1 3 | 2 4 5",
    ],
    ["--rank-by node -n 3 p.ts : -n 1", "a:2 b:2", "0 2 | 1 3"],
    ["--rank-by node -n 3 p.ts : -n 3", "a:2 b:2 c:2", "0 2 | 1 3 | 4 5"],
    ["--map-by ppr:2:node -n 2 p.ts : -n 2", "a:4 b:4", "0 1 2 3 | "],
    ["--map-by ppr:1:node -n 1 p.ts : -n 2", "a:4 b:4", "0 1 | 2"],
    ["--map-by ppr:4:node -n 3 p.ts : -n 2", "a:3 b:4", "0 1 2 | 3 4"],
    [
      "--oversubscribe --map-by ppr:2:node -n 3 p.ts : -n 3",
      "a:2 b:2 c:2",
      "0 1 | 2 3 4 | 5",
    ],
    ["--oversubscribe -n 3 p.ts : -n 3", "a:2 b:2", "0 1 3 | 2 4 5"],
    ["--oversubscribe -n 5 p.ts : -n 2", "a:2 b:2", "0 1 2 5 | 3 4 6"],
  ])(
    "deals out several programs one by one: %s on %s: %s",
    (line, hosts, expected) => {
      expect(map(line, hosts)).toBe(expected);
    },
  );

  test("spreads by node evenly, whichever host is full first", () => {
    // Open MPI 4.1.4 gives 0 | 1 3 4 | 2 here.
    expect(map("-n 5 --map-by node", "a:1 b:4 c:2")).toBe("0 | 1 3 | 2 4");
  });

  test("numbers the ranks of a host, and counts them over all programs", () => {
    const places = place("--map-by node -n 2 p.ts : -n 3", "a:3 b:2");
    expect(
      places.map(
        ({ program, host, localRank, localSize }) =>
          `${program} ${host} ${localRank}/${localSize}`,
      ),
    ).toEqual(["0 0 0/3", "0 1 0/2", "1 0 1/3", "1 1 1/2", "1 0 2/3"]);
  });

  test.each(["--map-by slot", "--map-by node", "--map-by ppr:1:node"])(
    "starts rank 0 on the first host with %s",
    (line) => {
      for (const hosts of ["a:1 b:4 c:2", "a:4 b:1", "a:2/2 b:2"])
        expect(place(line, hosts)[0]).toMatchObject({ host: 0, localRank: 0 });
    },
  );

  test("never goes over max_slots", () => {
    // Open MPI 4.1.4 does.
    expect(map("-n 7 --oversubscribe", "a:2/2 b:2")).toBe("0 1 | 2 3 4 5 6");
    expect(map("-n 7 --oversubscribe", "a:2/3 b:2/9")).toBe("0 1 2 | 3 4 5 6");
    expect(map("-n 5 --oversubscribe --map-by node", "a:1/1 b:2")).toBe(
      "0 | 1 2 3 4",
    );
  });

  test.each([
    [
      "-n 5",
      "a:2 b:2",
      "5 ranks on 4 slots (a: 2, b: 2): ask for 4 at most, give hosts more slots (a:3 in --host, slots= in a hostfile), or allow several ranks on a slot with --oversubscribe",
    ],
    ["-n 2", "a:1", "2 ranks on 1 slot (a: 1): ask for one, "],
    ["-n 3 p.ts : -n 3", "a:2 b:2", "6 ranks on 4 slots"],
    [
      "-n 6 --oversubscribe",
      "a:2/2 b:2/3",
      "6 ranks, and max_slots of the hostfile allows 5 (a: 2, b: 3), also with --oversubscribe: ask for 5 at most, or raise max_slots",
    ],
    [
      "-n 5 --map-by ppr:2:node",
      "a:4 b:4",
      "-n 5: --map-by ppr:2:node starts 2 on each of 2 hosts, 4 at most; leave -n out, or write ppr:3:node",
    ],
    [
      "--map-by ppr:2:node",
      "a:4 b:1",
      "--map-by ppr:2:node puts 2 ranks on b, which has 1 slot: give it more slots, or add --oversubscribe, or ask for fewer a host",
    ],
    [
      "--oversubscribe --map-by ppr:3:node",
      "a:4 b:1/2",
      "puts 3 ranks on b, which allows 2 (max_slots): raise max_slots",
    ],
  ])("refuses %s on %s: %s", (line, hosts, message) => {
    expect(mistake(line, hosts)).toContain(message);
    expect(mistake(line, hosts)).not.toContain("\n");
  });
});
