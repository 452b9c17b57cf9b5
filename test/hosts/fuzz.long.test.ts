import { noSshHosts } from "../support/ssh-hosts";
import { expectUnharmed } from "./expect-unharmed";
import { fuzz } from "./fuzz";

const why = noSshHosts({ hosts: 3 });
if (why !== null) console.warn(`the fuzzer is left out: ${why}`);

(why === null ? test : test.skip)(
  "jobs that are attacked for 10 min train as if nobody had",
  async () => {
    const fuzzed = await fuzz(600, 2);
    console.log(JSON.stringify({ ...fuzzed, weights: undefined }));
    expectUnharmed(fuzzed);
  },
);
