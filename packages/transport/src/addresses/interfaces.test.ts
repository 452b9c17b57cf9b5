import {
  hostAddresses,
  type Interfaces,
  isLinkLocal,
  isLoopback,
  listOf,
  onInterface,
} from "./interfaces";

const INTERFACES: Interfaces = {
  lo: [
    { address: "127.0.0.1", internal: true },
    { address: "::1", internal: true },
  ],
  eth0: [
    { address: "10.0.0.5", internal: false },
    { address: "fd00::5", internal: false },
    { address: "fe80::42", internal: false },
  ],
  docker0: [{ address: "172.17.0.1", internal: false }],
};
const ALL = hostAddresses(INTERFACES);

describe("hostAddresses", () => {
  it("leaves out loopback and link-local", () =>
    expect(listOf(ALL)).toBe(
      "eth0 10.0.0.5, eth0 fd00::5, docker0 172.17.0.1",
    ));
});

describe("onInterface", () => {
  it.each([
    ["eth0", "eth0 10.0.0.5, eth0 fd00::5"],
    ["172.17.0.1", "docker0 172.17.0.1"],
    ["10.0.0.0/24", "eth0 10.0.0.5"],
    ["fd00::/64", "eth0 fd00::5"],
    ["ib0, docker0", "docker0 172.17.0.1"],
  ])("%s means %s", (wanted, found) =>
    expect(listOf(onInterface(ALL, wanted))).toBe(found),
  );

  it.each([
    [
      "ib0",
      "this host has no interface TSMPI_INTERFACE=ib0; it has eth0 10.0.0.5, eth0 fd00::5, docker0 172.17.0.1",
    ],
    ["10.0.1.0/24", "this host has no interface TSMPI_INTERFACE=10.0.1.0/24"],
    ["10.0.0.0/99", "TSMPI_INTERFACE=10.0.0.0/99 is no network"],
  ])("refuses %s", (wanted, message) =>
    expect(() => onInterface(ALL, wanted)).toThrow(message),
  );
});

describe("what others cannot reach", () => {
  it.each(["127.0.0.1", "127.0.1.1", "::1", "::", "0.0.0.0"])(
    "%s is loopback",
    (address) => expect(isLoopback(address)).toBe(true),
  );
  it.each(["10.127.0.1", "fd00::1", "::ffff:10.0.0.1", "2001:db8::1"])(
    "%s is not",
    (address) =>
      expect([isLoopback(address), isLinkLocal(address)]).toEqual([
        false,
        false,
      ]),
  );
  it.each(["fe80::1", "febf::1", "FE80::1", "169.254.3.4"])(
    "%s is link-local",
    (address) => expect(isLinkLocal(address)).toBe(true),
  );
});
