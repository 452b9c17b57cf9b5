import { networkInterfaces } from "node:os";
import { ownAddress } from "./own-address";

describe("ownAddress", () => {
  it("is that of the interface towards the other", async () => {
    const all = Object.values(networkInterfaces()).flatMap(
      (list) => list ?? [],
    );
    for (const { address, family, internal } of all)
      if (family === "IPv4" && !internal)
        expect(await ownAddress(address, 1)).toBe(address);
  });

  it.each(["127.0.0.1", "127.0.1.1", "0.0.0.0"])(
    "refuses %s, which is loopback",
    (address) =>
      expect(ownAddress(address, 1)).rejects.toThrow(
        `this host has no way to MASTER_ADDR="${address}" (${address} is each host's own); set it to an address of rank 0's host that the others reach`,
      ),
  );

  it("says what to do where there is no way", async () => {
    await expect(ownAddress("nowhere.invalid", 1)).rejects.toThrow(
      /^this host has no way to MASTER_ADDR="nowhere.invalid" \(E\w+\); set it to an address of rank 0's host that the others reach$/,
    );
  });
});
