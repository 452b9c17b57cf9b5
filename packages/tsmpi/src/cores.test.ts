import { allowedCores } from "./cores";

test("reading the allowed cores takes ranges and single numbers", () => {
  const status =
    "Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-2,5,8-9\n";
  expect(allowedCores(status)).toEqual([0, 1, 2, 5, 8, 9]);
  expect(allowedCores("Name:\tnode\n")).toBeNull();
});
