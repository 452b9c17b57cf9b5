import { LeastMemory } from "./least-memory";

test("LeastMemory tells the least of each ten seconds", () => {
  const memory = new LeastMemory(0);
  const told = [5, 3, 9, 8, 7, 4].map((bytes, i) =>
    memory.observe(bytes, (i + 1) * 5_000),
  );
  expect(told).toEqual([null, 3, null, 8, null, 4]);
});
