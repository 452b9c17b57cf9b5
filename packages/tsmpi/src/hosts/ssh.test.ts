import { explainSsh, remoteCommand, sshCommand } from "./ssh";

test("what runs on a host is one line, which csh takes too", () => {
  expect(remoteCommand()).toMatch(
    /^exec '\/bin\/sh' '-c' 'node=; for n in [^\n]*$/,
  );
});

test.each([
  [
    255,
    "ssh: Could not resolve hostname nowhere: Name or service not known",
    /^there is no host b: its name does not resolve.*\(ssh: ssh: Could not/,
  ],
  [
    255,
    "root@b: Permission denied (publickey,password).",
    /without a password.*ssh-copy-id b.*--ssh-identity/,
  ],
  [255, "Host key verification failed.", /host key of b.*run ssh b once/],
  [
    255,
    "ssh: connect to host b port 22: Connection refused",
    /nobody listens for ssh on b/,
  ],
  [
    255,
    "ssh: connect to host b port 22: Connection timed out",
    /b does not answer/,
  ],
  [90, "", /there is no Node on b: neither .*install Node v/],
  [91, "", /there is no .*agent-main.js on b.*--sync/],
  [255, "Connection to b closed.", /^the connection to b has ended \(Conn/],
  [0, "", /^the connection to b has ended$/],
])("ssh's exit code %i and %j are explained", (code, stderr, message) => {
  expect(explainSsh("b", { code, stderr })).toMatch(message);
});

test("ssh gets a port and a key where they are given, and never asks", () => {
  const plain = sshCommand({ port: null, identity: null });
  expect(plain).toContain("BatchMode=yes");
  expect(plain).not.toContain("-p");
  expect(sshCommand({ port: 2222, identity: "key" })).toEqual([
    ...[...plain, "-p", "2222", "-i", "key"],
  ]);
});
