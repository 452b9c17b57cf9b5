import { entryOf, SERIALS, serialOf } from "../bridge/calls";
import { CommunicatorNumbers } from "./communicator-numbers";

/** Room for so many communicators. */
function roomFor(count: number) {
  const free = Array.from({ length: count }, (_, i) => count - i);
  return {
    reserve: () => free.pop() ?? 0,
    release: (entry: number) => void (entry > 0 && free.push(entry)),
  };
}

describe("Numbers of communicators", () => {
  it("tell where their communicators have room, as long as there is some", () => {
    const room = roomFor(2);
    const numbers = new CommunicatorNumbers(() => room);
    const reserved = [1, 2, 3].map(() => numbers.reserve());
    expect(reserved.map(entryOf)).toEqual([1, 2, 0]);
    expect(new Set(reserved.map(serialOf)).size).toBe(3);
  });

  it("are used again, and their room too, if no communicator got them; else never", () => {
    const room = roomFor(9);
    const numbers = new CommunicatorNumbers(() => room);
    const [first, second, third] = [1, 2, 3].map(() => numbers.reserve());
    numbers.claim(first!);
    for (const number of [first!, second!]) numbers.release(number);
    expect(numbers.reserve()).toBe(second);
    const next = numbers.reserve();
    expect([first, second, third]).not.toContain(next);
    expect(serialOf(next)).toBe(serialOf(third!) + 1);
  });

  it("are numbers of 32 bits, and when there are no more the rank is told", () => {
    const numbers = new CommunicatorNumbers(() => null);
    let last = 0;
    expect(() => {
      for (let i = 0; i <= SERIALS; i++) {
        last = numbers.reserve();
        numbers.claim(last);
      }
    }).toThrow(
      "this rank has led 16777216 communicators, and there are no more numbers; make them once, before a loop",
    );
    expect(last).toBe(2 ** 32 - 256);
  });
});
