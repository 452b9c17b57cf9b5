import { mayUseGpu, parseCudaVersion, parseGpus } from "./gpus";

/** What nvidia-smi of driver 580.159.03 prints for `--query-gpu=index,uuid,name,memory.total,compute_cap,driver_version`. */
const TWO_GPUS = `0, GPU-1f1c1a58-55f2-0c2c-4f0b-3a6b1c9be0a1, NVIDIA H200, 143771, 9.0, 580.159.03
1, GPU-7c0e2e0c-91a4-63a5-8dcb-1d9c2f3a4b5c, NVIDIA H200, 143771, 9.0, 580.159.03
`;

describe("parseGpus", () => {
  test("reads a line a GPU", () => {
    expect(parseGpus(TWO_GPUS)).toEqual([
      {
        index: 0,
        uuid: "GPU-1f1c1a58-55f2-0c2c-4f0b-3a6b1c9be0a1",
        name: "NVIDIA H200",
        memoryMiB: 143771,
        computeCapability: "9.0",
        driver: "580.159.03",
      },
      expect.objectContaining({ index: 1 }),
    ]);
  });

  test("finds none in what nvidia-smi says without one", () => {
    expect(parseGpus("No devices were found\n")).toEqual([]);
    expect(parseGpus("")).toEqual([]);
  });
});

test("parseCudaVersion reads the heading of nvidia-smi", () => {
  const heading =
    "| NVIDIA-SMI 580.159.03   Driver Version: 580.159.03   CUDA Version: 13.0     |";
  expect(parseCudaVersion(heading)).toBe("13.0");
  expect(parseCudaVersion("")).toBeNull();
});

test.each(["", "-1"])(
  "mayUseGpu: a process with CUDA_VISIBLE_DEVICES=%j leaves GPUs alone",
  (visible) => {
    expect(mayUseGpu({ CUDA_VISIBLE_DEVICES: visible })).toBe(false);
  },
);
