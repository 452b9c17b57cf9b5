import type { PoolTask } from "./pool-state";
import { RankFuture } from "./rank-future";
import { TaskQueue } from "./task-queue";

const task = (number: number): PoolTask =>
  ({ number, future: new RankFuture() }) as unknown as PoolTask;
const tasks = (...numbers: readonly number[]) => numbers.map(task);
const numbers = (all: readonly PoolTask[]) => all.map(({ number }) => number);

function queueOf(all: readonly PoolTask[]): TaskQueue<PoolTask> {
  const queue = new TaskQueue<PoolTask>();
  for (const one of all) queue.push(one);
  return queue;
}

describe("a queue of tasks", () => {
  it("gives them in order, and null behind the last", () => {
    const queue = queueOf(tasks(1, 2));
    expect(queue.peek()?.number).toBe(1);
    expect(queue.take()?.number).toBe(1);
    expect(queue.take()?.number).toBe(2);
    expect(queue.take()).toBeNull();
    expect(queue.peek()).toBeNull();
  });

  it("leaves out those that have been cancelled", () => {
    const all = tasks(1, 2, 3, 4);
    const queue = queueOf(all);
    for (const index of [0, 2]) all[index]!.future.cancel();
    expect(queue.take()?.number).toBe(2);
    expect(numbers(queue.takeAll())).toEqual([4]);
  });

  it("takes back what was lost before all others", () => {
    const queue = queueOf(tasks(1, 2, 3));
    const lost = [queue.take()!, queue.take()!];
    queue.putBack(lost);
    expect(numbers(queue.takeAll())).toEqual([1, 2, 3]);
  });

  it("stays in order through many", () => {
    const queue = new TaskQueue<PoolTask>();
    const taken: number[] = [];
    for (let n = 0; n < 10_000; n++) {
      queue.push(task(n));
      if (n % 3 > 0) taken.push(queue.take()!.number);
    }
    taken.push(...numbers(queue.takeAll()));
    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
  });
});
