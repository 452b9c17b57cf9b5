import { threadCount } from "./threads";

test.each([
  [{}, 4, 4],
  [{ WORLD_SIZE: "2" }, 4, 2],
  [{ WORLD_SIZE: "8", LOCAL_WORLD_SIZE: "3" }, 8, 2],
  [{ WORLD_SIZE: "4" }, 2, 1],
  [{ OMP_NUM_THREADS: "3" }, 8, 3],
  [{ OMP_NUM_THREADS: "3", TF_NUM_INTRAOP_THREADS: "2" }, 8, 2],
  [{ OMP_NUM_THREADS: "", TF_NUM_INTRAOP_THREADS: "0" }, 2, 2],
])("threadCount of %j on %i cores is %i", (variables, cores, threads) => {
  expect(threadCount(variables, cores)).toBe(threads);
});
