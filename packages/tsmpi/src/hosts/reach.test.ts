import { reachedByAll } from "./meeting-place";
import { reach, Reachable } from "./reach";

const token = "0123456789abcdef";
const never = new AbortController().signal;

describe("a host that listens", () => {
  test("is reached at its address with its token, and not when it has stopped", async () => {
    const addresses = ["127.0.0.1", "127.0.0.2"];
    const open = await Reachable.open({ type: "listen", addresses, token });
    const at = addresses.map((address, i) => ({
      ...{ address, port: open.ports[i]! },
    }));
    const tried = await reach({ type: "reach", at, token }, never);
    expect(tried).toEqual([
      { address: "127.0.0.1", from: "127.0.0.1", why: null },
      { address: "127.0.0.2", from: "127.0.0.1", why: null },
    ]);
    const other = await reach({ type: "reach", at, token: "another" }, never);
    expect(other.map(({ why }) => why)).toEqual([
      "another host answers there",
      "another host answers there",
    ]);
    open.close();
    const late = await reach({ type: "reach", at, token }, never);
    expect(late.map(({ why }) => why)).toEqual([
      "ECONNREFUSED",
      "ECONNREFUSED",
    ]);
  });

  test("takes a port of its range, and says if there is none", async () => {
    const question = {
      type: "listen",
      addresses: ["127.0.0.1"],
      token,
    } as const;
    const free = await Reachable.open(question);
    const [port] = free.ports as [number];
    await expect(
      Reachable.open({ ...question, portRange: [port, port] }),
    ).rejects.toThrow(
      `all ports from ${port} to ${port} are in use at 127.0.0.1; give another --port-range`,
    );
    free.close();
  });
});

test("the first address that all have reached is where ranks meet", () => {
  const tried = (...good: string[]) => ({
    tried: ["a", "b", "c"].map((address) => ({
      ...{ address, from: null, why: good.includes(address) ? null : "no" },
    })),
  });
  expect(reachedByAll([tried("a", "b", "c"), tried("b", "c")])).toBe("b");
  expect(reachedByAll([tried("a"), tried("c")])).toBeNull();
});
