import { float16FromNumber, float16ToNumber } from "@tsmpi/protocol";
import { float16 } from "../../kernels/halves";
import { defineHalf } from "../halves";

/**
 * IEEE 754 binary16: 11 significant bits, so a relative error of at most 2^-11 from 2^-14 on, and an absolute one of 2^-25 below.
 * From 65,520 on a value is infinite.
 */
export const fp16 = defineHalf({
  name: "fp16",
  fromNumber: float16FromNumber,
  toNumber: float16ToNumber,
  half: float16,
});
