import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { unless } from "../../../../test/support/unless";
import { COMPRESSIONS } from "./compression";

/** A disk of 2 MiB, seen by this command and its children alone. */
const onSmallDisk = (command: string) =>
  spawnSync(
    "unshare",
    [
      ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
      ...["--mount", "sh", "-c"],
      `mount -t tmpfs -o size=2m none /mnt && ${command}`,
    ],
    { encoding: "utf8" },
  );

const PROGRAM = `
const { openSink } = require(${JSON.stringify(join(__dirname, "../../dist"))});
const { randomFillSync } = require("node:crypto");
const { readdirSync } = require("node:fs");
(async () => {
  const sink = openSink("/mnt/" + process.argv[1]);
  try {
    for (let i = 0; i < 100; i++) await sink.write(randomFillSync(Buffer.alloc(100000)));
    await sink.publish();
  } catch (error) {
    console.log(error.name + ": " + error.message);
  }
  console.log(JSON.stringify(readdirSync("/mnt")));
})();
`;

const { status, stderr } = onSmallDisk("true");
const small = unless(
  status === 0 ? null : `no small disk can be mounted here: ${stderr.trim()}`,
  "a disk that fills",
);

small.suite("a disk that fills", () => {
  test.each(["", ...COMPRESSIONS.map(({ extension }) => extension)])(
    "while x%s is written leaves nothing of it",
    (extension) => {
      const { stdout } = onSmallDisk(
        `'${process.execPath}' -e '${PROGRAM}' x${extension}`,
      );
      const [error, files] = stdout.trim().split("\n");
      expect(error).toMatch(
        new RegExp(
          `^DataError: /mnt/x${extension.replace(".", "\\.")} cannot be written: ENOSPC: .*; nothing of it is left behind$`,
        ),
      );
      expect(files).toBe("[]");
    },
  );
});
