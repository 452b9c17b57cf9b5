import { planGpus, usableGpus } from "./gpu-plan";

describe("planGpus", () => {
  test("gives each rank its own", () => {
    expect(planGpus(3, { devices: ["0", "2", "3"], perRank: null })).toEqual({
      visible: ["0", "2", "3"],
      warnings: [],
    });
  });

  test("goes around when there are more ranks than GPUs, and warns", () => {
    expect(planGpus(5, { devices: ["0", "1"], perRank: null })).toEqual({
      visible: ["0", "1", "0", "1", "0"],
      warnings: ["5 ranks on 2 GPUs: some share one, and its memory"],
    });
  });

  test("gives each rank several in turn, and says that one would do", () => {
    const { visible, warnings } = planGpus(2, {
      devices: ["0", "1", "2", "3"],
      perRank: 2,
    });
    expect(visible).toEqual(["0,1", "2,3"]);
    expect(warnings).toEqual([
      "--gpus-per-rank 2: TensorFlow.js computes on one GPU; start 2 times as many ranks instead",
    ]);
  });

  test("refuses more a rank than there are", () => {
    expect(() => planGpus(1, { devices: ["0"], perRank: 2 })).toThrow(
      "--gpus-per-rank 2: there are 1 GPUs (0)",
    );
    expect(() => planGpus(1, { devices: [], perRank: 1 })).toThrow(
      /there is no GPU here; npx tsrun doctor/,
    );
  });

  test("sets nothing where there are none", () => {
    expect(planGpus(4, { devices: [], perRank: null })).toEqual({
      visible: [],
      warnings: [],
    });
  });
});

describe("usableGpus", () => {
  const present = [0, 1, 2, 3].map((index) => ({
    index,
    uuid: `GPU-${index}`,
  }));
  const usable = (
    asked: readonly string[] | null,
    inherited?: string,
    there = present,
  ) => usableGpus({ asked, inherited, present: there });

  test("are all that the driver lists", () => {
    expect(usable(null)).toEqual(["0", "1", "2", "3"]);
  });

  test("are those that a batch system allows", () => {
    expect(usable(null, "2,3")).toEqual(["2", "3"]);
    expect(usable(null, "GPU-1")).toEqual(["GPU-1"]);
    expect(usable(null, "")).toEqual([]);
    expect(usable(null, "-1")).toEqual([]);
  });

  test("are those of --gpus, by number or UUID, in its order", () => {
    expect(usable(["3", "GPU-0"])).toEqual(["3", "GPU-0"]);
    expect(usable(["2"], "2,3")).toEqual(["2"]);
  });

  test("--gpus names only what is there and allowed", () => {
    expect(() => usable(["7"])).toThrow(
      "--gpus 7: there is no GPU 7; there are: 0, 1, 2, 3",
    );
    expect(() => usable(["0"], undefined, [])).toThrow(
      "--gpus 0: there is no GPU 0; nvidia-smi lists none here",
    );
    expect(() => usable(["0"], "2,3")).toThrow(
      "--gpus 0: CUDA_VISIBLE_DEVICES=2,3 does not allow 0",
    );
  });
});
