import type { Catalogue } from "../catalogue/catalogue";
import type { FileRecords, RecordSet } from "../feed";
import { permutation } from "../permutation";
import { randomStream } from "../random-stream";
import { sliceRecords, type RawRecords } from "../records/raw-records";
import { Account, type EpochAccount, MOST_RUNS } from "./epoch-account";
import { joinAccounts } from "./join-accounts";

const COUNTS = [1000, 0, 37];
const catalogue: Catalogue = {
  ...{ format: "jsonl", schema: null },
  files: COUNTS.map((_, i) => ({
    ...{ path: `${i}.jsonl`, bytes: 1, isSeekable: true },
  })),
};

/** Record i of file f is `f/i`. */
function recordsOf(
  file: number,
  change?: (texts: string[]) => void,
): RawRecords {
  const texts = Array.from({ length: COUNTS[file]! }, (_, i) => `${file}/${i}`);
  change?.(texts);
  let at = 0;
  const starts = texts.map((text) => (at += text.length) - text.length);
  return {
    bytes: Buffer.from(texts.join("")),
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(texts, (text, i) => starts[i]! + text.length),
    ...{ first: 0, offset: 0 },
  };
}

/** All records, in pieces that are dealt to ranks and come in any order. */
function dealt(ranks: number, seed: number): FileRecords[][] {
  const random = randomStream("accounting", seed);
  const pieces: FileRecords[] = [];
  for (const [file, count] of COUNTS.entries())
    for (let from = 0; from < count;) {
      const to = Math.min(count, from + 1 + Math.floor(random() * 90));
      pieces.push({ file, records: sliceRecords(recordsOf(file), from, to) });
      from = to;
    }
  const hands: FileRecords[][] = Array.from({ length: ranks }, () => []);
  for (const i of permutation(pieces.length, random))
    hands[Math.floor(random() * ranks)]!.push(pieces[i]!);
  return hands;
}

const accountOf = (pieces: readonly FileRecords[]): EpochAccount => {
  const account = new Account(3);
  pieces.forEach((piece) => account.add(piece));
  return account.close();
};

const join = (hands: readonly FileRecords[][], seen?: RecordSet) =>
  joinAccounts(catalogue, hands.map(accountOf), { counts: COUNTS, seen });

describe("the account of an epoch", () => {
  const [{ checksum }] = [join(dealt(1, 0))];

  test.each([1, 2, 3, 5, 8])(
    "is the same however %i ranks had the records",
    (ranks) => {
      for (let seed = 0; seed < 5; seed++)
        expect(join(dealt(ranks, seed))).toEqual({
          ...{ isExact: true, records: 1037, checksum },
          ...{ missing: 0, repeated: 0 },
          emptyFiles: ["1.jsonl"],
          text: `epoch 3: each of 1,037 records in 3 files went to exactly one of ${ranks} rank${ranks === 1 ? "" : "s"}; checksum ${checksum}; 1.jsonl holds no record`,
        });
    },
  );

  test("tells one byte, two records that changed places, and another file", () => {
    const whole = (change?: (texts: string[]) => void) =>
      joinAccounts(catalogue, [
        accountOf([{ file: 0, records: recordsOf(0, change) }]),
      ]).checksum;
    const other = accountOf([{ file: 2, records: recordsOf(0) }]);
    const sums = [
      whole(),
      whole((texts) => (texts[7] = "0/8")),
      whole((texts) => ([texts[7], texts[8]] = [texts[8]!, texts[7]!])),
      joinAccounts(catalogue, [other]).checksum,
    ];
    expect(new Set(sums).size).toBe(4);
  });

  test("takes a checksum that reading has found already", () => {
    const plain = recordsOf(2);
    const checksums = plain.starts.map((_, i) => i * 77);
    const account = (records: RawRecords) => accountOf([{ file: 2, records }]);
    const withSums = { ...plain, checksums };
    expect(account(withSums)).not.toEqual(account(plain));
    // Whatever the bytes.
    expect(account({ ...withSums, bytes: new Uint8Array(1000) })).toEqual(
      account(withSums),
    );
  });

  test("says which record went to two ranks, or to one twice", () => {
    const [a, b] = dealt(2, 1) as [FileRecords[], FileRecords[]];
    const again = sliceRecords(recordsOf(2), 5, 8);
    const piece = { file: 2, records: again };
    const others = b.filter(({ file }) => file !== 2);
    const own = a.filter(({ file }) => file !== 2);
    const two = join([
      [...own, piece],
      [...others, { file: 2, records: recordsOf(2) }],
    ]);
    expect(two).toMatchObject({
      isExact: false,
      text: "epoch 3: records 5 to 7 of 2.jsonl went to rank 1, and to rank 0, too",
    });
    expect(join([own, [...others, piece, piece]]).text).toBe(
      "epoch 3: rank 1 had 3 records more than once",
    );
  });

  test("says which records went to nobody, at the end of a file, too", () => {
    const [all] = dealt(1, 2) as [FileRecords[]];
    const without = all.filter(({ file }) => file !== 2);
    const some = { file: 2, records: sliceRecords(recordsOf(2), 3, 36) };
    expect(join([[...without, some]])).toMatchObject({
      isExact: false,
      text: "epoch 3: records 0 to 2 of 2.jsonl and 1 other went to no rank",
    });
    expect(join([without]).text).toBe(
      "epoch 3: records 0 to 36 of 2.jsonl went to no rank",
    );
  });

  test("goes on where a run before it was", () => {
    const rest = sliceRecords(recordsOf(0), 400, 1000);
    const hands = [
      [{ file: 0, records: rest }],
      [{ file: 2, records: recordsOf(2) }],
    ];
    const { isExact, text } = join(hands, { 0: [0, 400] });
    expect(isExact).toBe(true);
    expect(text).toContain(
      "each of 637 records in 3 files went to exactly one of 2 ranks, after 400 others of the run before",
    );
    expect(join(hands, { 0: [0, 401] }).text).toBe(
      "epoch 3: record 400 of 0.jsonl went to rank 0, and had been seen in the run before",
    );
  });

  describe("of more runs than it names", () => {
    const records = 2 * MOST_RUNS + 3;
    const all: Catalogue = { ...catalogue, files: catalogue.files.slice(0, 1) };
    const bytes = new Uint8Array(1);
    const [starts, ends] = [Uint32Array.of(0), Uint32Array.of(1)];
    /** Rank 0 has those with even numbers, rank 1 the others. */
    const accounts = (change: (record: number) => number) =>
      [0, 1].map((rank) => {
        const account = new Account(3);
        for (let record = rank; record < records; record += 2)
          account.add({
            file: 0,
            records: {
              ...{ bytes, starts, ends, first: change(record), offset: 0 },
            },
          });
        return account.close();
      });
    const text = (
      change: (record: number) => number,
      seen: RecordSet = {},
      counts: readonly number[] = [records],
    ) => joinAccounts(all, accounts(change), { seen, counts }).text;

    test("still tells whether each record went to one rank", () => {
      const [first] = accounts((record) => record);
      expect(first!.fed).toBeNull();
      expect(text((record) => record)).toContain(
        "each of 131,075 records in 1 file went to exactly one of 2 ranks; checksum",
      );
      expect(text((record) => record, {}, [])).toContain("each of 131,075");
      // All 10 further on, behind those of a run before.
      const [rest, moved] = [{ 0: [0, 10] }, (record: number) => record + 10];
      expect(text(moved, rest, [records + 10])).toContain("after 10 others");
    });

    test("tells that some did not", () => {
      const finely = "they are dealt out too finely to say which";
      expect(text((record) => (record === 500 ? 502 : record))).toBe(
        `epoch 3: some records went to more than one rank, and as many to none: ${finely}`,
      );
      expect(text((record) => record, {}, [records + 1])).toBe(
        `epoch 3: ranks had 131,075 records, and there are 131,076: ${finely}`,
      );
    });
  });

  test("finds records behind the end of a file", () => {
    const accounts = [accountOf([{ file: 2, records: recordsOf(2) }])];
    const counts = [0, 0, 30];
    expect(joinAccounts(catalogue, accounts, { counts }).text).toContain(
      "records 30 to 36 of 2.jsonl lie behind the end",
    );
  });
});
