import { closeSync } from "node:fs";
import { readEnvironment } from "@tsmpi/protocol";
import { offerShare } from "./share-offer";

/** What rank 0 of 4 offers. */
function offer(environment: Readonly<Record<string, string>>) {
  const made = offerShare(
    readEnvironment({
      ...{ RANK: "0", WORLD_SIZE: "4", LOCAL_WORLD_SIZE: "4" },
      ...{ TSMPI_JOB_KEY: "a key", TSMPI_ARENA_BYTES: String(64 << 20) },
      ...environment,
    }),
  );
  if (made.share) closeSync(made.share.fd);
  const { isOwn, problem } = made;
  return { bytes: made.share?.bytes ?? null, isOwn, problem };
}

describe("The share that a rank offers", () => {
  it("is as large as its arena, or as its part of an address space of 32 bits", () => {
    expect(offer({})).toEqual({
      ...{ bytes: 64 << 20, isOwn: false, problem: null },
    });
    // Four of them, the communication thread's stage and one page less than 2 ** 32 bytes, in whole pages.
    expect(offer({ TSMPI_ARENA_BYTES: String(2 ** 32) }).bytes).toBe(
      2 ** 30 - 2 * 65_536,
    );
  });

  it("is its own where nobody is to share it or nobody asks for it, and none in a world of one", () => {
    const own = { bytes: 64 << 20, isOwn: true, problem: null };
    expect(offer({ LOCAL_WORLD_SIZE: "1" })).toEqual(own);
    expect(offer({ TSMPI_TRANSPORT: "ipc" })).toEqual(own);
    const alone = { WORLD_SIZE: "1", LOCAL_WORLD_SIZE: "1", RANK: "0" };
    expect(offer(alone).bytes).toBeNull();
  });

  it("is none if ranks run on several hosts and all are to share memory: says what to do", () => {
    const environment = { LOCAL_WORLD_SIZE: "2", TSMPI_TRANSPORT: "shm" };
    expect(offer(environment).problem).toBe(
      "2 of 4 ranks run on this host, and memory is shared within one; use --transport auto",
    );
    expect(offer({ ...environment, TSMPI_TRANSPORT: "auto" })).toEqual({
      ...{ bytes: 64 << 20, isOwn: false, problem: null },
    });
  });

  it("is none if it would be too small: says what to do", () => {
    const many = { WORLD_SIZE: "255", LOCAL_WORLD_SIZE: "255" };
    expect(offer({ ...many, TSMPI_ARENA_BYTES: String(1 << 20) })).toEqual({
      ...{ bytes: null, isOwn: false },
      problem:
        "shares of 1048576 bytes are too small for 255 ranks; set TSMPI_ARENA_BYTES to more",
    });
  });
});
