import tf from "@tensorflow/tfjs";
import { setWasmKernel, wasmKernel } from "./kernel";

type Pad = "valid" | "same" | number | tf.backend_util.ExplicitPadding;

const WINDOWS: readonly string[] = [
  tf.AvgPool,
  tf.AvgPoolGrad,
  tf.Conv2D,
  tf.Conv2DBackpropFilter,
  tf.Conv2DBackpropInput,
  tf.DepthwiseConv2dNative,
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.FusedConv2D,
  tf.FusedDepthwiseConv2D,
  tf.MaxPool,
  tf.MaxPoolGrad,
];

/**
 * Spells a pad that is a number out as the padding of each side. For a number TensorFlow.js computes the width of the result with
 * the stride of the height: with strides [2, 1] the result is allocated too narrow, and XNNPACK writes behind it.
 */
export function registerExplicitPad(): void {
  for (const name of WINDOWS) {
    const kernel = wasmKernel(name);
    setWasmKernel<object, { readonly pad: Pad }>(name, (call) => {
      const { attrs } = call;
      return kernel({ ...call, attrs: { ...attrs, pad: explicit(attrs.pad) } });
    });
  }
}

function explicit(pad: Pad): Exclude<Pad, number> {
  if (typeof pad !== "number") return pad;
  return [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ];
}
