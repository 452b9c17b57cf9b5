import { CancelledError } from "@tsmpi/protocol";
import { RankFuture } from "./rank-future";

const states = (future: RankFuture<unknown>) => [
  future.running(),
  future.done(),
  future.cancelled(),
];

describe("a future", () => {
  it("waits, runs, and is done with a value", async () => {
    const future = new RankFuture<number>();
    expect(states(future)).toEqual([false, false, false]);
    future.setRunning(true);
    expect(states(future)).toEqual([true, false, false]);
    future.succeed(5);
    expect(states(future)).toEqual([false, true, false]);
    expect(await future).toBe(5);
  });

  it("is a promise in all that promises do", async () => {
    const future = new RankFuture<number>();
    const both = Promise.all([future, future.then((n) => n + 1)]);
    const last = future.finally(() => {});
    future.succeed(5);
    expect(await both).toEqual([5, 6]);
    expect(await last).toBe(5);
  });

  it("keeps an error for whoever asks, later too", async () => {
    const future = new RankFuture<number>();
    future.fail(new TypeError("wrong"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(future).rejects.toThrow("wrong");
    expect(await future.catch(() => "caught")).toBe("caught");
  });

  it("can be cancelled until it runs, again if it waits again, and stays cancelled", async () => {
    const future = new RankFuture<number>();
    future.setRunning(true);
    expect(future.cancel()).toBe(false);
    future.setRunning(false);
    expect(future.cancel()).toBe(true);
    expect(future.cancel()).toBe(true);
    expect(states(future)).toEqual([false, true, true]);
    await expect(future).rejects.toBeInstanceOf(CancelledError);
  });

  it("cannot be cancelled when it is done", () => {
    const future = new RankFuture<number>();
    future.succeed(1);
    expect(future.cancel()).toBe(false);
  });
});
