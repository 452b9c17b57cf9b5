// Exit code 0: a Python package index can be reached, by pip with whatever it is configured with, or straight.
// `.ci/run` and tests ask: where it can be, a setup that fails is a failure.
const { spawnSync } = require("node:child_process");

const byPip = () =>
  [["pip"], ["pip3"], ["python3", "-m", "pip"]].some(
    ([command, ...args]) =>
      spawnSync(command, [...args, "index", "versions", "tensorflow-cpu"], {
        stdio: "ignore",
        timeout: 60_000,
      }).status === 0,
  );

const straight = () =>
  fetch("https://pypi.org/simple/tensorflow-cpu/", {
    signal: AbortSignal.timeout(20_000),
  }).then(
    ({ ok }) => ok,
    () => false,
  );

void (async () => {
  process.exitCode = byPip() || (await straight()) ? 0 : 1;
})();
