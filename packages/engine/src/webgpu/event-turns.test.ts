import { setImmediate as nextTurn } from "node:timers/promises";
import { EventTurns } from "./event-turns";

/** As Dawn does it: work is done after some turns, each of which orders the next one as long as there is work. */
function dawn(turnsOfWork: number) {
  const state = { left: turnsOfWork, taken: 0 };
  const turn = () => {
    state.taken++;
    if (state.left > 0) state.left--;
    if (state.left > 0) setImmediate(turn);
  };
  return { state, begin: () => void setImmediate(turn) };
}

describe("EventTurns", () => {
  test.each([1, 3, 50])(
    "until takes %i turns itself and returns without the event loop",
    (turnsOfWork) => {
      const turns = new EventTurns();
      const { state, begin } = dawn(turnsOfWork);
      turns.collect(begin);
      turns.until(() => state.left === 0, 10_000);
      expect(state).toEqual({ left: 0, taken: turnsOfWork });
    },
  );

  test("until takes no turn for what is done already", () => {
    const turns = new EventTurns();
    const { state, begin } = dawn(1);
    turns.collect(begin);
    turns.until(() => true, 0);
    expect(state.taken).toBe(0);
  });

  test("until waits again for later work, of which Dawn orders no turn while one is ordered", () => {
    const turns = new EventTurns();
    const { state, begin } = dawn(2);
    turns.collect(begin);
    turns.until(() => state.left === 0, 10_000);
    state.left = 2;
    turns.until(() => state.left === 0, 10_000);
    expect(state.taken).toBe(4);
  });

  test("collect leaves what nobody waits for to the event loop", async () => {
    const turns = new EventTurns();
    const { state, begin } = dawn(3);
    turns.collect(begin);
    for (let i = 0; i < 5; i++) await nextTurn();
    expect(state).toEqual({ left: 0, taken: 3 });
  });

  test("collect orders one turn, however often Dawn wants one before the event loop runs", async () => {
    const turns = new EventTurns();
    const { state, begin } = dawn(0);
    for (let i = 0; i < 100; i++) turns.collect(begin);
    for (let i = 0; i < 5; i++) await nextTurn();
    expect(state.taken).toBe(1);
  });

  test("collect hands on result and error, and puts setImmediate back", () => {
    const { setImmediate } = globalThis;
    const turns = new EventTurns();
    expect(turns.collect(() => 7)).toBe(7);
    const fail = () => {
      throw new Error("mine");
    };
    expect(() => turns.collect(fail)).toThrow("mine");
    expect(globalThis.setImmediate).toBe(setImmediate);
  });

  test("until throws EngineError if the GPU does not answer in time", () => {
    const turns = new EventTurns();
    turns.collect(dawn(1).begin);
    expect(() => turns.until(() => false, 5)).toThrow(
      expect.objectContaining({
        code: "ERR_ENGINE",
        message: expect.stringContaining("for 5 ms") as string,
      }) as Error,
    );
  });

  test("until throws EngineError if Dawn has ordered no turn", () => {
    expect(() => new EventTurns().until(() => false, 5)).toThrow(
      expect.objectContaining({
        code: "ERR_ENGINE",
        message: expect.stringContaining("npm install webgpu@") as string,
      }) as Error,
    );
  });
});
