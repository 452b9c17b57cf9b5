import type { OptionName } from "@tsmpi/data";
import { flagOf, OPTION_FLAGS, optionAsFlag } from "./option-flags";

/** Each, with values of which errors speak. */
const OPTIONS: Readonly<Record<OptionName, readonly unknown[]>> = {
  ...{ format: ["csv"], proto: ["a.proto"], message: ["M"], features: [""] },
  ...{ arrays: ["x,y"], labels: ["a", false], classes: [10], header: [false] },
  ...{ delimiter: [";"], columns: [{ zip: "text" }], dtype: ["int32"] },
  ...{ window: [8], channels: [3] },
  ...{ onBadRecord: ["skip", "log"], allowNonFinite: [true] },
};

test.each(
  Object.entries(OPTIONS).flatMap(([name, values]) =>
    values.map((value) => [name as OptionName, value] as const),
  ),
)("the option %s, as %j, has a flag", (name, value) => {
  expect(Object.keys(OPTION_FLAGS)).toContain(flagOf(name, value));
});

test("options are told as they can be typed", () => {
  expect(
    [
      optionAsFlag("onBadRecord", "skip"),
      optionAsFlag("allowNonFinite", true),
      optionAsFlag("header", false),
      optionAsFlag("columns", { zip: "text", "a b": "number" }),
      optionAsFlag("dtype"),
    ].join(" "),
  ).toBe(
    "--on-bad-record skip --allow-non-finite --no-header --columns 'zip=text,a b=number' --dtype",
  );
});
