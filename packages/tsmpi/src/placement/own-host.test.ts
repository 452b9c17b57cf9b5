import { hostname, networkInterfaces, userInfo } from "node:os";
import { findOwnHost, isOwn } from "./own-host";

const addresses = Object.values(networkInterfaces())
  .flatMap((interfaces) => interfaces ?? [])
  .map(({ address }) => address);

describe("the launcher's own host", () => {
  test("answers to its name, its addresses, and nobody else's", async () => {
    const ours = ["localhost", hostname(), "127.0.1.1", "::1", ...addresses];
    const others = ["203.0.113.9", "nobody.invalid"];
    const own = await findOwnHost([...ours, ...others]);
    const isOurs = (name: string) => isOwn({ name, user: null }, own);
    expect(ours.filter((name) => !isOurs(name))).toEqual([]);
    expect(others.filter(isOurs)).toEqual([]);
  });

  test("is another host for another user", async () => {
    const own = await findOwnHost(["localhost"]);
    const { username } = userInfo();
    expect(isOwn({ name: "localhost", user: username }, own)).toBe(true);
    expect(isOwn({ name: "localhost", user: "somebody" }, own)).toBe(false);
  });
});
