import {
  readEnvironment,
  writeEnvironment,
  type RankEnvironment,
} from "./environment";
import { EnvironmentError } from "./errors";

const FULL: RankEnvironment = {
  rank: 3,
  size: 8,
  localRank: 1,
  localSize: 4,
  masterAddr: "node-a",
  masterPort: 29500,
  jobKey: "secret",
  jobKeyFile: "/run/secrets/job-key",
  insecure: true,
  encrypt: true,
  interface: "eth0",
  portRange: [40_000, 40_100],
  transport: "tcp",
  allreduce: "ring",
  compression: "fp16",
  autotune: true,
  engine: "wasm",
  device: "cpu",
  startTimeoutMs: 1,
  connectTimeoutMs: 6,
  timeoutMs: 2,
  stallWarnMs: 5,
  heartbeatMs: 3,
  checkLeaks: true,
  heartbeatTimeoutMs: 4,
  arenaBytes: 1 << 20,
  statusFd: 3,
  newsFd: 4,
};

describe("readEnvironment", () => {
  it("reads what writeEnvironment wrote, all of it", () => {
    expect(readEnvironment(writeEnvironment(FULL))).toEqual(FULL);
  });

  it("reads its own defaults back", () => {
    const defaults = readEnvironment({});
    expect(readEnvironment(writeEnvironment(defaults))).toEqual(defaults);
  });

  it("makes a program without a launcher rank 0 of 1", () => {
    expect(readEnvironment({})).toMatchObject({
      rank: 0,
      size: 1,
      localRank: 0,
      localSize: 1,
      statusFd: null,
    });
  });

  it.each(["40000", "40100-40000", "0-5", "1-70000", "a-b", "1-2-3"])(
    "refuses TSMPI_PORT_RANGE=%s",
    (text) =>
      expect(() => readEnvironment({ TSMPI_PORT_RANGE: text })).toThrow(
        `TSMPI_PORT_RANGE="${text}" must be two ports from 1 to 65535, the lower one first: 40000-40100`,
      ),
  );

  it("takes an empty variable for one that is not set", () => {
    expect(readEnvironment({ RANK: "", WORLD_SIZE: "" })).toEqual(
      readEnvironment({}),
    );
  });

  it("puts all ranks on this host if nobody says otherwise", () => {
    expect(readEnvironment({ RANK: "2", WORLD_SIZE: "4" })).toMatchObject({
      localRank: 2,
      localSize: 4,
    });
  });

  it.each([
    [
      { WORLD_SIZE: "0" },
      'WORLD_SIZE="0" must be a whole number from 1 to 65536',
    ],
    [
      { WORLD_SIZE: "four" },
      'WORLD_SIZE="four" must be a whole number from 1 to 65536',
    ],
    [
      { WORLD_SIZE: "2.5" },
      'WORLD_SIZE="2.5" must be a whole number from 1 to 65536',
    ],
    [
      { WORLD_SIZE: "70000" },
      'WORLD_SIZE="70000" must be a whole number from 1 to 65536',
    ],
    [{ RANK: "1" }, 'RANK="1" must be a whole number from 0 to 0'],
    [
      { RANK: "4", WORLD_SIZE: "4" },
      'RANK="4" must be a whole number from 0 to 3',
    ],
    [
      { RANK: "-1", WORLD_SIZE: "4" },
      'RANK="-1" must be a whole number from 0 to 3',
    ],
    [
      { LOCAL_WORLD_SIZE: "5", WORLD_SIZE: "4" },
      'LOCAL_WORLD_SIZE="5" must be a whole number from 1 to 4',
    ],
    [
      { LOCAL_RANK: "2", LOCAL_WORLD_SIZE: "2", WORLD_SIZE: "4" },
      'LOCAL_RANK="2" must be a whole number from 0 to 1',
    ],
    [
      { MASTER_PORT: "65536" },
      'MASTER_PORT="65536" must be a whole number from 0 to 65535',
    ],
    [
      { MASTER_PORT: "http" },
      'MASTER_PORT="http" must be a whole number from 0 to 65535',
    ],
    [
      { TSMPI_START_TIMEOUT_MS: "0" },
      'TSMPI_START_TIMEOUT_MS="0" must be a whole number of at least 1',
    ],
    [
      { TSMPI_TIMEOUT_MS: "5s" },
      'TSMPI_TIMEOUT_MS="5s" must be a whole number of at least 1',
    ],
    [
      { TSMPI_HEARTBEAT_MS: "NaN" },
      'TSMPI_HEARTBEAT_MS="NaN" must be a whole number of at least 1',
    ],
    [
      { TSMPI_HEARTBEAT_TIMEOUT_MS: "-5" },
      'TSMPI_HEARTBEAT_TIMEOUT_MS="-5" must be a whole number of at least 1',
    ],
    [
      { TSMPI_ARENA_BYTES: "10" },
      'TSMPI_ARENA_BYTES="10" must be a whole number from 1048576 to 4294967296',
    ],
    [
      { TSMPI_STATUS_FD: "1" },
      'TSMPI_STATUS_FD="1" must be a whole number from 3 to 1023',
    ],
  ])("refuses %j", (variables, message) => {
    const read = () => readEnvironment(variables);
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(message);
  });
});

describe("writeEnvironment", () => {
  it("leaves out what is not given", () => {
    expect(writeEnvironment({ rank: 0, statusFd: null })).toEqual({
      RANK: "0",
    });
  });
});
