import { join } from "node:path";
import { launch } from "../support/launch";

/** Bytes that the coordinator passed on, by its own account at the end. */
async function passedOn(what: string): Promise<number> {
  const { exitCode, stdout, stderr } = await launch({
    args: ["-n", "2", join(__dirname, "programs/traffic.mts"), what],
    env: { TSMPI_LOG: "debug" },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  const account = /\[coordinator\] over, having passed on (\d+) bytes of data/;
  return Number(account.exec(stderr)?.[1]);
}

describe("the coordinator", () => {
  test("passes on no byte of 40 MB of collectives", async () => {
    expect(await passedOn("collectives")).toBe(0);
  });

  test("passes on the rows of the other rank, and only those", async () => {
    expect(await passedOn("rows")).toBe(20_000_000);
  });
});
