import { deriveKeyPair } from "./keys";
import { z85 } from "./z85";

describe("z85", () => {
  it("writes as RFC 32 does", () =>
    expect(z85(Buffer.from("864fd26fb559f75b", "hex"))).toBe("HelloWorld"));
});

describe("deriveKeyPair", () => {
  it("is the same for all who know the job key, on every machine and in every version", () =>
    expect(deriveKeyPair("9f86d081884c7d65", "server rank-3")).toMatchObject({
      publicKey: "FI.$np]fO[X%Wu0>F})t6oQt/>ek$h8iqdoL%eR7",
      secretKey: "W(ZBf>gfPy4ToMKeK#1&[sfjL>x:IP*5#>2A%q#%",
    }));

  it("differs by job key and by role", () => {
    const keys = [
      ["a", "client"],
      ["b", "client"],
      ["a", "server coordinator"],
      ["a", "server rank-0"],
    ].flatMap(([jobKey, role]) => {
      const { publicKey, secretKey } = deriveKeyPair(jobKey!, role!);
      return [publicKey, secretKey];
    });
    expect(new Set(keys).size).toBe(keys.length);
  });
});
