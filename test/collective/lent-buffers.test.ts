import type { ReduceCall } from "@tsmpi/collective";
import { withRanks } from "../support/with-ranks";
import { ranksOf } from "./run-and-check";

/** Several segments for each rank: they are sent from where they lie. */
const COUNT = 1_000_000;
const SIZES = [2, 3, 4];
const callOf = (op: "SUM" | "AVG"): ReduceCall => ({
  ...{ name: "allreduce", op, dtype: "float32", count: COUNT },
});
const sumOf = (size: number): number => (size * (size + 1)) / 2;

describe.each(["ring", "rabenseifner"] as const)(
  "allreduce by %s sends from the caller's buffer, which",
  (allreduce) => {
    const reduceOver = (size: number, op: "SUM" | "AVG", expected: number) =>
      withRanks(
        size,
        async ({ communicator, rank }) => {
          const buffer = new Float32Array(COUNT).fill(rank + 1);
          await communicator.allreduce(callOf(op), buffer);
          const isRight = buffer.every((element) => element === expected);
          // Whoever is slower must not get this.
          buffer.fill(-1);
          return isRight;
        },
        { forced: { allreduce }, delays: { seed: size } },
      );

    it.each(SIZES)(
      "may be written to as soon as the call has ended, %i ranks",
      async (size) => {
        const { results } = await reduceOver(size, "SUM", sumOf(size));
        expect(results).toEqual(ranksOf(size).map(() => true));
      },
    );

    it.each(SIZES)(
      "is not divided for an average before all ranks have the sum, %i ranks",
      async (size) => {
        const { results } = await reduceOver(size, "AVG", sumOf(size) / size);
        expect(results).toEqual(ranksOf(size).map(() => true));
      },
    );

    it("may be written to as soon as the call has failed", async () => {
      let tell = () => {};
      const hasFailed = new Promise<void>((resolve) => (tell = resolve));
      const { results } = await withRanks(
        2,
        async ({ communicator, mailbox, rank }) => {
          if (rank === 0) {
            const buffer = new Float32Array(COUNT).fill(1);
            const running = communicator.allreduce(callOf("SUM"), buffer);
            setImmediate(() => mailbox.context(0).revoke());
            await expect(running).rejects.toThrow("revoked");
            buffer.fill(-1);
            tell();
            return true;
          }
          await hasFailed;
          const inbox = mailbox.context(0).begin(0);
          inbox.begin({ ...SILENT, isSame: () => true });
          const { payload } = await inbox.receive(0);
          const elements = new Float32Array(payload.buffer);
          return elements.length > 0 && elements.every((one) => one === 1);
        },
        { forced: { allreduce }, delays: { seed: 1 } },
      );
      expect(results).toEqual([true, true]);
    });
  },
);

const SILENT = {
  onMismatch: () => {},
  onInquiry: () => {},
  onAnswer: () => {},
  onReport: () => {},
};
