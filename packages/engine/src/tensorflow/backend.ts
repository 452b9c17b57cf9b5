import tf from "@tensorflow/tfjs";

/** What tfjs-node's backend has beyond the contract of TensorFlow.js. */
export interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: Binding;
  /** Of tensors that are TensorFlow's, or will be from now on. */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  incRef(dataId: object): void;
  refCount(dataId: object): number;
  /** Runs an op of TensorFlow. */
  executeSingleOutput(
    name: string,
    attributes: readonly object[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor;
  /** Takes over a tensor of TensorFlow. */
  createOutputTensor(metadata: {
    readonly id: number;
    readonly shape: readonly number[];
    readonly dtype: number;
  }): tf.Tensor;
}

export interface Binding extends Partial<Additions> {
  readonly TF_Version?: string;
  readonly TF_FLOAT: number;
  readonly TF_ATTR_TYPE: number;
}

/** What `tsrun setup` compiles into the binding (native/tsmpi_binding.cc); another binding, or one on a GPU, has nothing of it. */
export interface Additions {
  /**
   * One step of Adam on several weights.
   *
   * @param ids of value, first and second moment of each, all float32; they stand for the new values afterwards
   * @param gradients of each, the id of a float32 tensor, or values
   * @param constants as AdamConstants has them
   * @param reusable by id, 1 where its memory may take the new values if no other tensor holds it
   */
  adamSteps(
    ids: Int32Array,
    gradients: readonly (number | Float32Array)[],
    constants: Float32Array,
    reusable: Int32Array,
  ): void;
  /** Ids of dy, x and y, all float32; `geometry` as PoolGeometry has it. Returns the id of dx. */
  maxPoolGrad(ids: Int32Array, geometry: Int32Array): number;
  /** Whether a float32 tensor holds neither NaN nor an infinity. */
  isFinite(id: number): boolean;
  /** Copies a float32 tensor into an array of the same length. */
  tensorInto(id: number, target: Float32Array): void;
  /** The id of a float32 tensor that shares the values of another one; as many of them. */
  reshaped(id: number, shape: Int32Array): number;
  /** A new float32 tensor; the array stays the caller's. Returns its id. */
  tensorCopyOf(shape: Int32Array, source: Float32Array): number;
}

export const nodeBackend = (): NodeBackend =>
  tf.backend() as unknown as NodeBackend;
