import { chooseTransport } from "./transports";

const here = (size: number) => ({ size, localSize: size });

describe("chooseTransport", () => {
  it("takes none for a world of one, whatever is wanted", () => {
    for (const wanted of ["auto", "shm", "ipc", "tcp", "inproc"])
      expect(chooseTransport(wanted, here(1))).toBe("inproc");
  });

  it("takes tcp between hosts, and ipc on one where there are abstract sockets", () => {
    const local = process.platform === "linux" ? "ipc" : "tcp";
    for (const wanted of ["auto", "shm"]) {
      expect(chooseTransport(wanted, here(4))).toBe(local);
      expect(chooseTransport(wanted, { size: 4, localSize: 2 })).toBe("tcp");
    }
  });

  it("takes what is wanted, or says why it cannot", () => {
    expect(chooseTransport("tcp", here(2))).toBe("tcp");
    expect(() => chooseTransport("inproc", here(2))).toThrow(
      "transport inproc reaches the ranks of one process only; use ipc or tcp",
    );
    expect(() => chooseTransport("ipc", { size: 4, localSize: 1 })).toThrow(
      "transport ipc reaches the ranks of one host, and 1 of 4 run on this one; use tcp",
    );
    expect(() => chooseTransport("udp", here(1))).toThrow(
      /unknown transport "udp"/,
    );
  });
});
