import { join } from "node:path";
import { launch } from "../support/launch";

const PROGRAM = join(__dirname, "programs/compression.mts");

const four = (value: number): string =>
  JSON.stringify([value, value, value, value]);
/** 1/7, 2/7 and 3/7 are 73/512, 146/512 and 219/512 in bf16, which has their sum. */
const BF16 = four(438 / 512);
/** And 585/4096, 1170/4096 and 1755/4096 in fp16. */
const FP16_AVERAGE = four(3510 / 4096 / 3);
const FLOAT32 = four(
  [1, 2, 3].reduce((sum, n) => Math.fround(sum + Math.fround(n / 7)), 0),
);

const EXPECTED = [
  `ordinary ${BF16}`,
  `in the arena ${FP16_AVERAGE}`,
  `later ${BF16}`,
  `persistent ${BF16}`,
  `none ${FLOAT32}`,
  "mean true",
  "mean true",
  'unknown "ERR_UNKNOWN_NAME unknown compression \\"zip\\"; there are: none, bf16, fp16, int8"',
  'integers "ERR_ARG compression int8 is for float32, and the buffer is int32: it would not come out as it should; copy it to a Float32Array, or leave compression out"',
  'float16 "ERR_ARG compression int8 is for float32, and the buffer is float16: it would not come out as it should; copy it to a Float32Array, or leave compression out"',
  'maximum "ERR_ARG compression fp16 is for MPI.SUM and MPI.AVG, not for MAX; leave compression out"',
  'a function "ERR_ARG compression fp16 is for MPI.SUM and MPI.AVG, not for an op of the user\'s; leave compression out"',
  'short "ERR_COUNT residual has 3 elements, and must have as many as the buffer: 4"',
  'without "ERR_ARG residual is what compression leaves out; say which compression, or leave it out"',
  'one refuses "ERR_ARG [rank 1] allreduce: compression fp16 is for float32, and the buffer is int32: it would not come out as it should; copy it to a Float32Array, or leave compression out"',
  'ranks differ "ERR_MISMATCH the ranks differ in collective #142; every rank must make the same calls in the same order"',
  'afterwards "came through"',
];

describe("a program that asks for compression", () => {
  it.each(["auto", "ipc"])(
    "gets it in every form of the call, and what cannot be compressed is refused, over %s",
    async (transport) => {
      const { stdout, stderr, exitCode } = await launch({
        args: ["-n", "3", "--transport", transport, PROGRAM],
      });
      expect(stdout.trimEnd().split("\n")).toEqual(EXPECTED);
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    },
  );
});
