import { noSshHosts } from "../support/ssh-hosts";
import { expectUnharmed } from "./expect-unharmed";
import { fuzz } from "./fuzz";
import { unless } from "../support/unless";

const { case: underAttack } = unless(noSshHosts({ hosts: 3 }), "the fuzzer is");

underAttack(
  "a job that is attacked for 15 s trains as if nobody had",
  async () => {
    expectUnharmed(await fuzz(15, 1));
  },
  120_000,
);
