import { hostname } from "node:os";
import { coordinatorAddresses } from "./coordinator-addresses";
import { hostAddresses } from "./interfaces";
import { wayToCoordinator } from "./way";

const HOSTS = { size: 4, localSize: 2, masterPort: 29_500, interface: null };
const to = (masterAddr: string, more: { interface?: string } = {}) =>
  wayToCoordinator({ ...HOSTS, masterAddr, ...more });

describe("wayToCoordinator", () => {
  it("is loopback among ranks of one host", async () => {
    const one = { ...HOSTS, localSize: 4, masterAddr: "127.0.0.1" };
    expect(await wayToCoordinator(one)).toEqual({
      ...{ coordinator: "127.0.0.1", own: "127.0.0.1", interface: "lo" },
    });
  });

  it("is the interface towards the other", async () => {
    const all = hostAddresses();
    expect(all.length).toBeGreaterThan(0);
    for (const { address, interface: name } of all)
      expect(await to(address)).toEqual({
        ...{ coordinator: address, own: address, interface: name },
      });
  });

  it("listens where TSMPI_INTERFACE says", async () => {
    const { address, interface: name } = hostAddresses()[0]!;
    for (const wanted of [name, address, `eth77,${address}`])
      expect(await to(address, { interface: wanted })).toMatchObject({
        own: address,
      });
    await expect(to(address, { interface: "eth77" })).rejects.toThrow(
      /^this host has no interface TSMPI_INTERFACE=eth77; it has .*\d/,
    );
  });

  it.each(["127.0.0.1", "127.0.1.1", "0.0.0.0", "::1", "localhost"])(
    "refuses %s, which is loopback",
    (address) =>
      expect(to(address)).rejects.toThrow(
        /^this host has no way to MASTER_ADDR="\S+" \(\S+ is each host's own\); set it to an address of rank 0's host that the others reach$/,
      ),
  );

  it.each(["fe80::1", "169.254.1.1"])("refuses %s, link-local", (address) =>
    expect(to(address)).rejects.toThrow(
      `MASTER_ADDR="${address}" is link-local (${address}), which each link of a host has of its own; set it to an address of rank 0's host that the others reach`,
    ),
  );

  it("says what to do where a name means nothing", async () => {
    await expect(to("nowhere.invalid")).rejects.toThrow(
      /^MASTER_ADDR "nowhere.invalid" does not resolve \(E\w+\); set it to the name or address of the host that runs rank 0$/,
    );
  });

  it("finds an address of this host under its own name", async () => {
    // Of several interfaces, as docker makes them, one must be named.
    const [{ interface: name } = { interface: null }] = hostAddresses();
    const own = hostAddresses().filter((one) => one.interface === name);
    const found = await coordinatorAddresses({
      ...{ ...HOSTS, masterAddr: hostname(), interface: name },
    });
    expect(found.length).toBeGreaterThan(0);
    for (const address of found)
      expect(own.map((one) => one.address)).toContain(address);
  });
});
