import { join } from "node:path";
import { launch } from "../support/launch";
import { describeEngines } from "../support/native-engine";

interface Report {
  readonly how: string;
  readonly rank: number;
  readonly w: number;
  readonly loss?: readonly number[];
  readonly expected: { readonly w: number; readonly loss: readonly number[] };
}

const HOW = [
  "fit",
  "fit with a bucket for each value",
  "fitDataset",
  "fitDataset with batchesPerEpoch",
  "fit, accumulating 2",
  "fit, accumulating 3",
  "trainOnBatch and join",
  "minimize and join",
];

// In shared memory, and over the network, where gradients leave during the backward pass.
describe.each(["auto", "ipc"])("with transport %s,", (transport) =>
  describeEngines(
    ["wasm", "tensorflow"],
    "7, 5, 5 and 2 batches on four ranks (engine %s)",
    (_, env) => {
      let reports: Report[];
      beforeAll(async () => {
        const { exitCode, lines, stderr } = await launch({
          args: [
            ...["-n", "4", "--transport", transport],
            join(__dirname, "programs/uneven.mts"),
          ],
          env,
        });
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
        reports = lines.map((line) => JSON.parse(line) as Report);
      });

      test.each(HOW)(
        "%s gives the weight of the closed form on every rank",
        (how) => {
          const own = reports.filter((report) => report.how === how);
          expect(own.map(({ rank }) => rank).sort()).toEqual([0, 1, 2, 3]);
          expect(new Set(own.map(({ w }) => w)).size).toBe(1);
          expect(Math.abs(own[0]!.w - own[0]!.expected.w)).toBeLessThan(1e-6);
        },
      );

      test.each(
        HOW.filter((how) => how.startsWith("fit") && !/bucket/.test(how)),
      )("%s shows the loss over all rows in every History", (how) => {
        for (const { loss, expected } of reports.filter(
          (report) => report.how === how,
        )) {
          expect(loss).toHaveLength(expected.loss.length);
          expected.loss.forEach((value, epoch) =>
            expect(Math.abs(loss![epoch]! - value)).toBeLessThan(1e-6),
          );
        }
      });
    },
  ),
);
