import { Chain, Chains, type Linked } from "./chain";

class Item implements Linked<Item> {
  readonly before: (Item | null)[] = [];
  readonly behind: (Item | null)[] = [];
  constructor(readonly name: string) {}
}
const items = (names: string): Item[] =>
  [...names].map((name) => new Item(name));

/** From the first one on. */
function namesOf(chain: Chain<Item>, lane = 0): string {
  let names = "";
  for (let item = chain.first; item; item = item.behind[lane] ?? null)
    names += item.name;
  return names;
}

describe("Chain", () => {
  it("is first in, first out", () => {
    const chain = new Chain<Item>(0);
    expect(chain.first).toBeNull();
    const all = items("abc");
    for (const item of all) chain.push(item);
    for (const rest of ["abc", "bc", "c"]) {
      expect(namesOf(chain)).toBe(rest);
      chain.remove(chain.first!);
    }
    expect(chain.first).toBeNull();
  });

  it.each([
    ["the first", 0, "bcd"],
    ["one in the middle", 1, "acd"],
    ["the last", 3, "abc"],
  ])("loses %s and goes on behind it", (_, index, rest) => {
    const chain = new Chain<Item>(0);
    const all = items("abcd");
    for (const item of all) chain.push(item);
    chain.remove(all[index]!);
    expect(namesOf(chain)).toBe(rest);
    chain.push(new Item("e"));
    expect(namesOf(chain)).toBe(`${rest}e`);
  });

  it("takes one again that it has lost, also when it was the only one", () => {
    const chain = new Chain<Item>(0);
    const [a, b] = items("ab");
    chain.push(a!);
    chain.remove(a!);
    chain.push(a!);
    chain.push(b!);
    chain.remove(a!);
    chain.push(a!);
    expect(namesOf(chain)).toBe("ba");
  });

  it("shares items with chains in other lanes, each with an order of its own", () => {
    const [forth, back] = [new Chain<Item>(0), new Chain<Item>(1)];
    const all = items("abcd");
    for (const item of all) forth.push(item);
    for (const item of [...all].reverse()) back.push(item);
    forth.remove(all[1]!);
    expect([namesOf(forth, 0), namesOf(back, 1)]).toEqual(["acd", "dcba"]);
    back.remove(all[3]!);
    expect([namesOf(forth, 0), namesOf(back, 1)]).toEqual(["acd", "cba"]);
  });
});

describe("Chains", () => {
  it("keep keys apart, and each key's items in order", () => {
    const chains = new Chains<Item>(0);
    const [a, b, c] = items("abc");
    chains.push(1, a!);
    chains.push(-1, b!);
    chains.push(1, c!);
    expect([chains.first(1), chains.first(-1), chains.first(2)]).toEqual([
      ...[a, b, null],
    ]);
    chains.remove(1, a!);
    expect(chains.first(1)).toBe(c);
    chains.remove(1, c!);
    expect(chains.first(1)).toBeNull();
    chains.push(1, a!);
    expect(chains.first(1)).toBe(a);
  });
});
