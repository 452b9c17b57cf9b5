import { noSshHosts } from "../support/ssh-hosts";
import { expectUnharmed } from "./expect-unharmed";
import { fuzz } from "./fuzz";

const why = noSshHosts({ hosts: 3 });
if (why !== null) console.warn(`the fuzzer is left out: ${why}`);

(why === null ? test : test.skip)(
  "a job that is attacked for 15 s trains as if nobody had",
  async () => {
    expectUnharmed(await fuzz(15, 1));
  },
  120_000,
);
