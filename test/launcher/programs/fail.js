// `fail.js RANK HOW WAIT`: the rank fails; the others wait in a timer, blocked, in a busy loop, or refuse SIGTERM.
const [failing, how, wait] = process.argv.slice(2);
const waitFor = {
  timer: () => setInterval(() => {}, 1_000),
  blocked: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  busy: () => {
    for (;;);
  },
  stubborn: () => {
    process.on("SIGTERM", () => {});
    setInterval(() => {}, 1_000);
  },
  stopped: () => process.kill(process.pid, "SIGSTOP"),
};

if (process.env.RANK === failing) setTimeout(fail, 100);
else waitFor[wait ?? "timer"]();

function fail() {
  console.log("failing");
  switch (how) {
    case "throw":
      throw new Error("boom", { cause: new TypeError("deeper") });
    case "reject":
      return Promise.reject(new Error("rejected"));
    case "reject-text":
      return Promise.reject("just text");
    case "abort":
      return process.abort();
    case "SIGSEGV":
    case "SIGKILL":
      return process.kill(process.pid, how);
    case "minified":
      return eval(
        `(() => {${"/* minified */".repeat(3_000)} throw new Error("in minified code") })()`,
      );
    case "hang":
      process.on("exit", () => {
        for (;;);
      });
      throw new Error("hangs at its end");
    default:
      process.exit(Number(how));
  }
}
