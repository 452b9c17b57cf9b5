import { chooseHosts } from "./choose-hosts";
import { parseHostfile } from "./hostfile";
import { parseHostList } from "./host-list";

const OWN = {
  hostname: "me.example.org",
  addresses: ["10.0.0.1", "fd00::1"],
  aliases: ["me"],
  user: "ann",
};

const choose = (file: string | null, list: string | null) =>
  chooseHosts({
    hostfile:
      file === null ? null : { file: "f", lines: parseHostfile(file, "f") },
    list: list === null ? null : parseHostList(list),
    own: OWN,
  });
/** `a=2`; `a=?` where its cores decide; `ME` is the launcher's host. */
const slots = (file: string | null, list: string | null): string =>
  choose(file, list)
    .map((host) => `${host.isLocal ? "ME" : host.name}=${host.slots ?? "?"}`)
    .join(" ");
const mistake = (file: string | null, list: string | null): string => {
  try {
    choose(file, list);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the hosts were accepted");
};

describe("choosing hosts", () => {
  test("takes this machine where none is named, with a slot a core", () => {
    expect(choose(null, null)).toEqual([
      {
        ...{ name: "me.example.org", user: null, isLocal: true },
        ...{ slots: null, maxSlots: null },
      },
    ]);
  });

  test.each([
    ["a", "a=1"],
    ["a:2,b:3", "a=2 b=3"],
    ["a,b,a", "a=2 b=1"],
    ["a:2,a", "a=3"],
    ["[fd00::5]:2,fd00::6", "fd00::5=2 fd00::6=1"],
    ["[FD00:0::5]:2,fd00::5", "fd00::5=3"],
    ["fe80::1%eth0", "fe80::1%eth0=1"],
    ["joe@A:2", "A=2"],
    ["localhost:2,b", "ME=2 b=1"],
    ["localhost,me,127.0.0.1,10.0.0.1,[fd00:0::1],ann@me.example.org", "ME=6"],
    ["joe@localhost", "localhost=1"],
  ])("--host %s has the slots that mpirun gives it: %s", (list, expected) => {
    expect(slots(null, list)).toBe(expected);
  });

  test.each([
    ["a slots=2\nb", "a=2 b=?"],
    ["a\nb\na", "a=2 b=?"],
    ["localhost\nme", "ME=2"],
  ])("hostfile %j: %s", (file, expected) => {
    expect(slots(file, null)).toBe(expected);
  });

  test("keeps max_slots and user of a hostfile", () => {
    expect(choose("joe@a slots=2 max_slots=4", "a:1")).toEqual([
      {
        ...{ name: "a", user: "joe", isLocal: false },
        ...{ slots: 1, maxSlots: 4 },
      },
    ]);
  });

  test.each([
    ["b", "b=3"],
    ["c,a", "c=? a=2"],
    ["b:2", "b=2"],
    ["b,b", "b=2"],
    ["c:7", "c=7"],
    ["B", "b=3"],
    ["localhost", "ME=1"],
  ])("--host %s takes of a hostfile: %s", (list, expected) => {
    const file = "a slots=2\nb slots=3\nc\nme slots=1";
    expect(slots(file, list)).toBe(expected);
  });

  test.each([
    [
      "a slots=1\n\na slots=2",
      null,
      "f:3: a is listed already, in line 1; give each host one line, as in: a slots=3",
    ],
    ["a\na slots=2", null, "f:2: a is listed already, in line 1"],
    ["a max_slots=2\na", null, "as in: a slots=3"],
    [
      "localhost slots=2\n10.0.0.1 slots=2",
      null,
      "f:2: 10.0.0.1 is the same host as localhost in line 1",
    ],
    ["joe@a\nann@a", null, "f: joe@a and ann@a are one host; name one user"],
    [null, "joe@a,a", "--host: joe@a and a are one host"],
    ["node1\nnode2", "nodel", "f does not list it; did you mean node1?"],
    [
      "a\nb",
      "frodo",
      "--host frodo: f does not list it; add it there, or choose among: a, b",
    ],
    [
      "a slots=2",
      "a:3",
      "--host a:3: f gives it 2 slots; ask for no more, or raise slots= there",
    ],
    ["joe@a", "ann@a", "are one host; name one user"],
    [
      null,
      "a,,b",
      "has an empty name between its commas; write --host a:2,b:2",
    ],
    [null, "a:0", '--host a:0: "0" is no number of slots'],
    [null, "a:x", "whole number of at least 1, as in --host a:2,b:2"],
    [null, "a:", '"" is no number of slots'],
    [null, "-oX", '--host -oX: "-oX" is no name of a host'],
    [null, "[a]:2", '"a" is no IPv6 address'],
  ])("refuses hostfile %j with --host %s: %s", (file, list, message) => {
    expect(mistake(file, list)).toContain(message);
    expect(mistake(file, list)).not.toContain("\n");
  });
});
