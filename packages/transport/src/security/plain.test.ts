import { plain } from "./plain";

const KEY = "0123456789abcdef";
const enter = (user: string, password: string) =>
  plain(KEY).admit("PLAIN", [Buffer.from(user), Buffer.from(password)]);

describe("the job key as a password", () => {
  it("lets in who has it", () =>
    expect(enter("rank-1", KEY)).toEqual({
      isAdmitted: true,
      who: 'it calls itself "rank-1"',
    }));

  it.each([["x"], [KEY + "x"], [""]])("keeps out who says %j", (password) =>
    expect(enter("rank-1", password).isAdmitted).toBe(false),
  );

  it("shows nothing of a stranger's name that a terminal would obey, nor more than 40 characters", () =>
    expect(enter(`\x1b[2J\x9b1m\r\n${"a".repeat(99)}`, "x").who).toMatch(
      /^it calls itself "\?\[2J\?+1m\?\?a{1,33}"$/,
    ));
});
