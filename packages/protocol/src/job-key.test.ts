import { readEnvironment } from "./environment";
import { isEncrypted, jobKeyOf } from "./job-key";

const STRONG = "9f86d081884c7d659a2feaa0c55ad015";
const facts = (variables: Record<string, string>) =>
  readEnvironment({ WORLD_SIZE: "4", ...variables });
const HOSTS = { LOCAL_WORLD_SIZE: "2" };
const read = (path: string): string => {
  if (path === "/run/secrets/key") return ` ${STRONG}\n`;
  if (path === "/run/secrets/empty") return "\n";
  throw new Error(`ENOENT: no such file, open '${path}'`);
};

describe("isEncrypted", () => {
  it.each([
    [{}, false],
    [{ TSMPI_ENCRYPT: "1" }, true],
    [HOSTS, true],
    [{ ...HOSTS, TSMPI_INSECURE: "1" }, false],
  ])("with %j is %s", (variables, expected) =>
    expect(isEncrypted(facts(variables))).toBe(expected),
  );
});

describe("jobKeyOf", () => {
  it.each([
    [{ TSMPI_JOB_KEY: "short" }, "short"],
    [{ ...HOSTS, TSMPI_INSECURE: "1", TSMPI_JOB_KEY: "short" }, "short"],
    [{ ...HOSTS, TSMPI_JOB_KEY: STRONG }, STRONG],
    [{ ...HOSTS, TSMPI_JOB_KEY_FILE: "/run/secrets/key" }, STRONG],
    [{ TSMPI_JOB_KEY: "a", TSMPI_JOB_KEY_FILE: "/nowhere" }, "a"],
  ])("of %j is %s", (variables, key) =>
    expect(jobKeyOf(facts(variables), read)).toBe(key),
  );

  it.each([
    [{}, /^TSMPI_JOB_KEY is not set; start the ranks with tsrun/],
    [HOSTS, /^TSMPI_JOB_KEY is not set, .*`openssl rand -hex 32`/],
    [
      { ...HOSTS, TSMPI_JOB_KEY: "correct horse" },
      /^the job key is too weak to encrypt with \(13 characters\); make one with/,
    ],
    [{ ...HOSTS, TSMPI_JOB_KEY: "a".repeat(64) }, /too weak/],
    [{ TSMPI_ENCRYPT: "1", TSMPI_JOB_KEY: "short" }, /too weak/],
    [
      { TSMPI_JOB_KEY_FILE: "/nowhere" },
      /^the job key cannot be read from TSMPI_JOB_KEY_FILE=\/nowhere: ENOENT/,
    ],
    [
      { TSMPI_JOB_KEY_FILE: "/run/secrets/empty" },
      /^TSMPI_JOB_KEY_FILE=\/run\/secrets\/empty is empty; make one/,
    ],
  ])("refuses %j", (variables, message) =>
    expect(() => jobKeyOf(facts(variables), read)).toThrow(message),
  );

  it("never shows the key", () => {
    const wrong = { ...HOSTS, TSMPI_JOB_KEY: "correct horse" };
    expect(() => jobKeyOf(facts(wrong), read)).not.toThrow(/correct/);
  });
});
