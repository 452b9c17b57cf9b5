import { parseHostfile } from "./hostfile";

const lines = (...text: string[]) =>
  parseHostfile(text.join("\n"), "hosts.txt");
const mistake = (...text: string[]): string => {
  try {
    lines(...text);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the hostfile was accepted");
};

describe("reading a hostfile", () => {
  test("takes Open MPI's syntax", () => {
    expect(
      lines(
        "# the cluster",
        "",
        "a slots=2 # two cards",
        "  b.example.org\tslots = 4  max_slots=8\r",
        "me@c max-slots=3",
        "10.0.0.4",
        "fd00::5 slots=1",
        "me@[fd00::6]",
      ),
    ).toEqual([
      { line: 3, name: "a", user: null, slots: 2, maxSlots: null },
      { line: 4, name: "b.example.org", user: null, slots: 4, maxSlots: 8 },
      { line: 5, name: "c", user: "me", slots: 3, maxSlots: 3 },
      { line: 6, name: "10.0.0.4", user: null, slots: null, maxSlots: null },
      { line: 7, name: "fd00::5", user: null, slots: 1, maxSlots: null },
      { line: 8, name: "fd00::6", user: "me", slots: null, maxSlots: null },
    ]);
  });

  test.each([
    ["a slots=zero", "slots=zero is not a whole number from 1 to 65536"],
    ["a slots=1.5", "slots=1.5 is not a whole number"],
    ["a slots=", "slots= is not a whole number"],
    ["a slots=-1", "slots=-1 is not a whole number"],
    ["a slots=0", "begin the line with # to leave the host out"],
    ["a max_slots=0", "max_slots=0 leaves no room"],
    ["a slots=3 max_slots=2", "slots=3 is more than max_slots=2"],
    ["a slot=2", "there is no keyword slot; did you mean slots?"],
    ["a gpus=2", '"gpus=2" is not understood'],
    ["a b", '"b" is not understood'],
    ["a slots", "slots needs a number, as in: node1 slots=4"],
    ["a:3", "a:3 is how --host writes slots; a hostfile has a slots=3"],
    ["[fd00::1]:3", "a hostfile has [fd00::1] slots=3"],
    ["-oProxyCommand=x", '"-oProxyCommand=x" is no name of a host'],
    ["a;b", '"a;b" is no name of a host'],
    ["10.0.0.300", '"10.0.0.300" is no IPv4 address'],
    ["[a]", '"a" is no IPv6 address'],
    ["@a", '"" is no name of a user'],
  ])("refuses %s, with file and line: %s", (line, message) => {
    expect(mistake("# x", "ok", line)).toContain("hosts.txt:3: ");
    expect(mistake("# x", "ok", line)).toContain(message);
    expect(mistake(line)).not.toContain("\n");
  });

  test.each(["", "\n\n", "# a\n"])(
    "refuses %j, which lists no host",
    (text) => {
      expect(mistake(text)).toBe(
        "hosts.txt lists no host; write one a line, as in: node1 slots=4",
      );
    },
  );
});
