import { bfloat16FromNumber, bfloat16ToNumber } from "@tsmpi/protocol";
import { bfloat16 } from "../../kernels/halves";
import { defineHalf } from "../halves";

/** The upper half of a float32: 8 significant bits, so a relative error of at most 2^-8, and the range of float32. */
export const bf16 = defineHalf({
  name: "bf16",
  fromNumber: bfloat16FromNumber,
  toNumber: bfloat16ToNumber,
  half: bfloat16,
});
