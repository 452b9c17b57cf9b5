import { ALLREDUCE_NAMES, algorithmNamed } from "./registry";
import { LARGE_BYTES, selectAllreduce } from "./select";

describe("selectAllreduce", () => {
  it.each([
    [0, "recursive-doubling"],
    [LARGE_BYTES, "recursive-doubling"],
    [LARGE_BYTES + 1, "ring"],
    [2 ** 32, "ring"],
  ])("of %i bytes is %s", (bytes, name) => {
    const selected = selectAllreduce({ bytes, wanted: "auto" });
    expect(selected.name).toBe(name);
    expect(selected.reason).toContain(`${bytes} bytes`);
  });

  it.each(ALLREDUCE_NAMES.filter((name) => name !== "auto"))(
    "takes %s for any size if it is asked for",
    (wanted) => {
      for (const bytes of [0, 1e9])
        expect(selectAllreduce({ bytes, wanted }).name).toBe(wanted);
    },
  );
});

describe("algorithmNamed", () => {
  it("refuses a name that is not registered and lists those that are", () => {
    const names = ALLREDUCE_NAMES.filter((name) => name !== "auto");
    expect(() => algorithmNamed("allreduce", "butterfly")).toThrow(
      `unknown allreduce algorithm "butterfly"; there are: ${names.join(", ")}`,
    );
  });
});
