import { noSshHosts } from "../support/ssh-hosts";
import { expectUnharmed } from "./expect-unharmed";
import { fuzz } from "./fuzz";
import { unless } from "../support/unless";

const { case: underAttack } = unless(noSshHosts({ hosts: 3 }), "the fuzzer is");

underAttack(
  "jobs that are attacked for 10 min train as if nobody had",
  async () => {
    const fuzzed = await fuzz(600, 2);
    console.log(JSON.stringify({ ...fuzzed, weights: undefined }));
    expectUnharmed(fuzzed);
  },
);
