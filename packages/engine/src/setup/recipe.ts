import { thisPlatform } from "../native/installed";

/** A file of a Python package index, pinned. */
export interface Wheel {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What an engine is made of, on one platform. */
export interface Recipe {
  readonly build: "cpu" | "gpu";
  readonly platform: string;
  readonly tensorflow: string;
  readonly revision: number;
  /** The same TensorFlow for several versions of Python: its libraries do not depend on it, so any one will do. The first is fetched. */
  readonly tensorflowWheels: readonly Wheel[];
  /** CUDA's libraries; TensorFlow looks for them beside its own folder. */
  readonly cudaWheels: readonly Wheel[];
  /** In the wheel and behind `-l:`, the names of TensorFlow's two libraries. */
  readonly libraries: readonly [string, string];
  /** What the unpacked engine takes, within a tenth. */
  readonly unpackedBytes: number;
}

/** Raised when setup makes something else of the same TensorFlow: older engines stay usable, `tsrun setup` makes a new one. */
const RECIPE_REVISION = 3;

const TENSORFLOW = "2.21.0";

/** The JavaScript and the C++ of the binding. `-gpu` is the same code under another name. */
export const TFJS_NODE = {
  name: "@tensorflow/tfjs-node",
  version: "4.22.0",
  file: "tensorflow-tfjs-node-4.22.0.tgz",
  integrity:
    "sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==",
} as const;

/** File, sha256, bytes. */
const wheels = (
  ...rows: readonly (readonly [string, string, number])[]
): Wheel[] => rows.map(([file, sha256, bytes]) => ({ file, sha256, bytes }));

const LINUX = [
  "libtensorflow_cc.so.2",
  "libtensorflow_framework.so.2",
] as const;

type Source = Pick<
  Recipe,
  "tensorflowWheels" | "cudaWheels" | "libraries" | "unpackedBytes"
>;

const SOURCES: Readonly<
  Record<string, Partial<Record<"cpu" | "gpu", Source>>>
> = {
  "linux-x64": {
    cpu: {
      libraries: LINUX,
      unpackedBytes: 854e6,
      cudaWheels: [],
      // prettier-ignore
      tensorflowWheels: wheels(
          ["tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl", "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c", 273829956],
          ["tensorflow_cpu-2.21.0-cp310-cp310-manylinux_2_27_x86_64.whl", "d143e92f5c0661cdfa26eaca8f73cd2efd0ec53a68af8dec82f584ba8eb14b83", 273601549],
          ["tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl", "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb", 274000871],
          ["tensorflow_cpu-2.21.0-cp313-cp313-manylinux_2_27_x86_64.whl", "05af7c26d35f4de910b5598c7b507e3981831a7b0f47fed9a405d995d51d7793", 274271560],
        ),
    },
    gpu: {
      libraries: LINUX,
      unpackedBytes: 4.4e9,
      // prettier-ignore
      tensorflowWheels: wheels(
          ["tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl", "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124", 572440367],
          ["tensorflow-2.21.0-cp310-cp310-manylinux_2_27_x86_64.whl", "77c6f298e695ea1d283cdd7d30f8d97530cc6e92c1395a9ddbab9771c99233a4", 572211261],
          ["tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl", "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0", 572611111],
          ["tensorflow-2.21.0-cp313-cp313-manylinux_2_27_x86_64.whl", "e9d8da8dcab9650efb45f032ba70af2f016f907e6e0c6bda29dd101bba945406", 572881074],
        ),
      // The oldest that TensorFlow's `and-cuda` allows: those it was built and tested with.
      // prettier-ignore
      cudaWheels: wheels(
          ["nvidia_cublas_cu12-12.5.3.2-py3-none-manylinux2014_x86_64.whl", "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b", 363313169],
          ["nvidia_cuda_cupti_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl", "bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953", 13811507],
          ["nvidia_cuda_nvcc_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl", "b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0", 22468537],
          ["nvidia_cuda_nvrtc_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl", "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd", 24873108],
          ["nvidia_cuda_runtime_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl", "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115", 895707],
          ["nvidia_cudnn_cu12-9.3.0.75-py3-none-manylinux2014_x86_64.whl", "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d", 577163502],
          ["nvidia_cufft_cu12-11.2.3.61-py3-none-manylinux2014_x86_64.whl", "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8", 192524114],
          ["nvidia_curand_cu12-10.3.6.82-py3-none-manylinux2014_x86_64.whl", "2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536", 56309107],
          ["nvidia_cusolver_cu12-11.6.3.83-py3-none-manylinux2014_x86_64.whl", "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b", 130341232],
          ["nvidia_cusparse_cu12-12.5.1.3-py3-none-manylinux2014_x86_64.whl", "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752", 217558979],
          ["nvidia_nccl_cu12-2.27.7-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", "de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa", 322546339],
          ["nvidia_nvjitlink_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl", "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212", 21298879],
        ),
    },
  },
  "linux-arm64": {
    cpu: {
      libraries: LINUX,
      unpackedBytes: 884e6,
      cudaWheels: [],
      // prettier-ignore
      tensorflowWheels: wheels(
          ["tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl", "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c", 281828020],
          ["tensorflow-2.21.0-cp310-cp310-manylinux_2_27_aarch64.whl", "7c97938b25cf70c80ae8619931f85abcdee2ab2eb256c2051202edb3b89e9a5d", 281604511],
          ["tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl", "b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552", 281946471],
          ["tensorflow-2.21.0-cp313-cp313-manylinux_2_27_aarch64.whl", "a10abdfb8b1189210c251021a3f153b7ccc52a8e6521351f3dc3331e8ba593e0", 282213003],
        ),
    },
  },
  "darwin-arm64": {
    cpu: {
      libraries: [
        "libtensorflow_cc.2.dylib",
        "libtensorflow_framework.2.dylib",
      ],
      unpackedBytes: 742e6,
      cudaWheels: [],
      // prettier-ignore
      tensorflowWheels: wheels(
          ["tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl", "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88", 223405849],
          ["tensorflow-2.21.0-cp310-cp310-macosx_12_0_arm64.whl", "6462632889e0e9ce1455b208c87b86a8c154e899407ef7d426ef1ec71647f565", 223229342],
          ["tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl", "56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712", 223488205],
          ["tensorflow-2.21.0-cp313-cp313-macosx_12_0_arm64.whl", "a145ed46c58192b7c3f9916d070caf4f6afc6dc7e5511f83dd97677f4c4947f4", 223766900],
        ),
    },
  },
};

export const RECIPE_PLATFORMS: readonly string[] = Object.keys(SOURCES);

/** Null where there is no wheel for it. */
export function recipeFor(
  build: "cpu" | "gpu",
  platform = thisPlatform(),
): Recipe | null {
  const source = SOURCES[platform]?.[build];
  return source === undefined
    ? null
    : {
        ...source,
        ...{ build, platform, tensorflow: TENSORFLOW },
        revision: RECIPE_REVISION,
      };
}

/**
 * What an engine is made of, from a package index.
 *
 * @param tensorflow which of the wheels of TensorFlow; null: the first
 */
export const wheelsOf = (
  { tensorflowWheels, cudaWheels }: Recipe,
  tensorflow: Wheel | null = null,
): readonly Wheel[] => [tensorflow ?? tensorflowWheels[0]!, ...cudaWheels];
