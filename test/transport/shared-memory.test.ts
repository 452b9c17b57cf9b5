import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import type { RankAddress } from "@tsmpi/protocol";
import { loadSharedMemory } from "@tsmpi/transport";
import { wasmMemory } from "../support/wasm-memory";

const { attachShares, createShare, loadLibc } = loadSharedMemory();
const libc = loadLibc();
const BYTES = 1 << 16;
const jobKey = "the key of the job";

const opened: number[] = [];
afterEach(() => opened.splice(0).forEach((fd) => closeSync(fd)));

function shareOf(rank: number, bytes = BYTES, key = jobKey): RankAddress {
  const share = createShare({ libc, rank, bytes, jobKey: key });
  opened.push(share.fd);
  return {
    rank,
    endpoint: "",
    host: "here",
    machine: "m",
    pid: process.pid,
    share,
  };
}

/** Two shares of `BYTES`, one behind the other, as rank `rank` sees them. */
function attach(
  peers: readonly RankAddress[],
  rank = 0,
  bytes = 2 * BYTES,
): Uint8Array {
  const { buffer } = wasmMemory(bytes);
  attachShares({ libc, memory: buffer, peers, rank, jobKey });
  return new Uint8Array(buffer);
}

describe("Shares", () => {
  it("lie one behind the other, and what one rank writes the others read", () => {
    const peers = [shareOf(0), shareOf(1)];
    const [first, second] = [attach(peers, 0), attach(peers, 1)];
    first[BYTES + 100] = 7;
    second[200] = 8;
    expect([second[BYTES + 100], first[200]]).toEqual([7, 8]);
  });

  it("have no name in /dev/shm or anywhere, and a length that nobody changes", () => {
    const { share } = shareOf(0);
    expect(fstatSync(share!.fd)).toMatchObject({ nlink: 0, size: BYTES });
    expect(() => ftruncateSync(share!.fd, 100)).toThrow(/EPERM/);
  });

  it("are refused if they are of another job", () => {
    expect(() =>
      attach([shareOf(0), shareOf(1, BYTES, "another key")]),
    ).toThrow(
      "the memory that rank 1 offers is not its share of this job: 65536 bytes of 65536, or another header",
    );
  });

  it("are refused if they are another rank's", () => {
    const other = shareOf(2);
    expect(() => attach([shareOf(0), { ...other, rank: 1 }])).toThrow(
      "rank 1 offers is not its share",
    );
  });

  it("are refused if their header has been written over", () => {
    const other = shareOf(1);
    writeSync(other.share!.fd, "x", 5);
    expect(() => attach([shareOf(0), other])).toThrow(
      "rank 1 offers is not its share",
    );
  });

  it("are refused if the file is something else, or shorter than it says", () => {
    const file = openSync(__filename, "r+");
    opened.push(file);
    const text = readFileSync(__filename);
    for (const bytes of [BYTES, text.byteLength]) {
      const liar = { ...shareOf(1), share: { fd: file, bytes } };
      const first = { ...shareOf(0), share: { ...shareOf(0).share!, bytes } };
      expect(() => attach([first, liar])).toThrow(
        "rank 1 offers is not its share",
      );
    }
    expect(readFileSync(__filename)).toEqual(text);
  });

  it("are refused if they differ in length, do not fit, or cannot be opened", () => {
    expect(() => attach([shareOf(0), shareOf(1, 2 * BYTES)])).toThrow(
      "the share of rank 1 has 131072 bytes, that of rank 0 65536; set TSMPI_ARENA_BYTES and LOCAL_WORLD_SIZE alike on all ranks",
    );
    expect(() => attach([shareOf(0), shareOf(1)], 0, BYTES)).toThrow(
      "2 ranks of this host share memory for 1; set LOCAL_WORLD_SIZE to 2",
    );
    const gone = { ...shareOf(1), pid: 2 ** 22 + 1 };
    expect(() => attach([shareOf(0), gone])).toThrow(
      /the memory of rank 1 \(pid \d+\) cannot be opened \(ENOENT\): are the ranks in different containers, or of different users\?/,
    );
  });

  it("cannot be larger than a file can be", () => {
    expect(() =>
      createShare({ libc, rank: 0, bytes: 2 ** 63, jobKey }),
    ).toThrow(
      /there is no shared memory of \d+ bytes \(.*\); set TSMPI_ARENA_BYTES to less/,
    );
  });
});
