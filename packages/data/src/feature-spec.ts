/** What a feature of every example is, as the user says it: TensorFlow's `FixedLenFeature`. */
export interface FeatureSpec {
  /**
   * `float32` lies in a `float_list`; `int32` and `int64` in an `int64_list`; `string`, `bytes` and `uint8` in a `bytes_list`.
   * `uint8` is one value of the list, byte by byte: an image as numbers, say.
   */
  readonly dtype: FeatureDtype;
  /** `[]` is a single value, not an array of one. A first length of −1 may be another one in every example. */
  readonly shape: readonly number[];
}

export type FeatureDtype =
  "float32" | "int32" | "int64" | "string" | "bytes" | "uint8";

export type FeatureSpecs = Readonly<Record<string, FeatureSpec>>;
