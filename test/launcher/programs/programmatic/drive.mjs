// Launches jobs from an ES module, and prints what came of them.
import { join } from "node:path";
import { launch, runRanks } from "tsmpi";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const at = (name) => join(here, name);
const failure = async (body) => {
  try {
    await body();
    return { message: "no error" };
  } catch ({ name, code, message, stack, cause }) {
    return { name, code, message, stack, cause };
  }
};

const results = {};
const heard = [];
results.codes = await launch({
  np: 3,
  script: "prints.js",
  args: ["0", "0", "0"],
  cwd: here,
  env: { GREETING: "hi" },
  onOutput: (rank, stream, text) => heard.push(`${rank} ${stream} ${text}`),
});
results.heard = heard.sort();
results.failed = await launch({
  np: 2,
  script: at("prints.js"),
  args: ["0", "7"],
});
results.values = await runRanks(2, at("functions.ts"), "sum", [
  [1, 2, 3],
  new Float32Array([1.5]),
]);
results.types = results.values.map(({ scaled, when }) => [
  scaled.constructor.name,
  when.constructor.name,
]);
const both = await Promise.all([
  runRanks(2, at("functions.ts"), "sum", [[1], new Float32Array(0)]),
  runRanks(3, at("functions.ts"), "sum", [[10], new Float32Array(0)]),
  launch({ np: 1, script: at("prints.js"), args: ["5"] }),
]);
results.atOnce = [
  both[0].map(({ total }) => total),
  both[1].map(({ total }) => total),
  both[2].exitCode,
];

results.errors = {};
for (const name of ["fail", "unsendable", "leave", "mismatch", "noSuch"])
  results.errors[name] = await failure(() =>
    runRanks(2, at("functions.ts"), name),
  );
results.errors.argument = await failure(() =>
  runRanks(2, at("functions.ts"), "sum", [() => 1]),
);
results.errors.np = await failure(() =>
  launch({ np: 0, script: at("busy.js") }),
);
results.errors.file = await failure(() =>
  launch({ np: 1, script: at("bussy.js") }),
);
results.errors.engine = await failure(() =>
  launch({ np: 1, script: at("busy.js"), engine: "wams" }),
);

const pids = [];
const controller = new AbortController();
results.errors.abort = await failure(() =>
  launch({
    np: 2,
    script: at("busy.js"),
    signal: controller.signal,
    onOutput: (_, __, text) => {
      pids.push(...text.trim().split(" ").slice(1).map(Number));
      if (pids.length === 4) controller.abort();
    },
  }),
);
results.pids = pids;
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
// What was killed is there until its parent, or init, has taken notice.
const deadline = performance.now() + 5_000;
while (pids.some(isAlive) && performance.now() < deadline)
  await new Promise((resolve) => setTimeout(resolve, 20));
results.left = pids.filter(isAlive);
results.errors.aborted = await failure(() =>
  launch({ np: 2, script: at("busy.js"), signal: controller.signal }),
);
results.timeout = (
  await launch({ np: 1, script: at("busy.js"), timeoutMs: 300 })
).exitCode;
results.listeners =
  process.listenerCount("SIGINT") + process.listenerCount("SIGTERM");
console.log(JSON.stringify(results));
