import { stat } from "node:fs/promises";
import { join, dirname, basename } from "node:path";
import { DataError } from "@tsmpi/protocol";
import { type ByteSource, openSource } from "../files/byte-source";
import type { FormatOptions } from "../format";
import { readRows, type Rows } from "../framers/rows";
import { sideBySide } from "../framers/side-by-side";
import { type Rowed, rowBytesOf } from "../numpy/element";
import type { RawRecords, RecordPlace } from "../records/raw-records";
import { headerOf } from "./header";
import { optionInWords } from "../option-words";

/** Plain data. */
export interface IdxSchema {
  readonly rows: Rowed;
  /** Of images that are read with their labels. */
  readonly labels: LabelsSchema | null;
}

interface LabelsSchema {
  readonly rows: Rowed;
  /** What the user said; else each file of images has labels beside it. */
  readonly path: string | null;
}

const PACKED = ["", ".gz", ".zst"];

/** Where the labels of these images may lie, by their names; nowhere: the name says of no images. */
export function labelsNamesOf(path: string): string[] {
  const plain = basename(path).replace(/\.(gz|zst)$/, "");
  if (!/image/.test(plain)) return [];
  const labels = plain.replace("image", "label").replace(/idx\d+/, "idx1");
  return PACKED.map((packed) => join(dirname(path), labels + packed));
}

async function labelsOf(path: string): Promise<string | null> {
  for (const name of labelsNamesOf(path))
    if (await stat(name).catch(() => null)) return name;
  return null;
}

/** What a file holds, and its labels, if there are any. @throws {DataError} labels that are no numbers, or too few or many */
export async function openPair(
  source: ByteSource,
  { labels }: FormatOptions,
): Promise<IdxSchema> {
  const { rows, layout } = await headerOf(source);
  const path =
    labels === false ? null : (labels ?? (await labelsOf(source.path)));
  if (path === null) return { rows, labels: null };
  const pair = await headerOf(await openSource(path));
  checkPair(source.path, layout, path, pair.layout);
  return { rows, labels: { rows: pair.rows, path: labels || null } };
}

function checkPair(
  path: string,
  images: Rows,
  labels: string,
  own: Rows,
): void {
  if (own.rows !== images.rows)
    throw new DataError(
      `${path} has ${images.rows} images, and ${labels} ${own.rows} labels; with ${optionInWords("labels", false)} the images are read alone`,
    );
}

/** Each image with its label behind it. */
export async function* readPair(
  images: ByteSource,
  layout: Rows,
  { path, rows }: LabelsSchema,
  place: RecordPlace | undefined,
): AsyncIterable<RawRecords> {
  const labelsPath = path ?? (await labelsOf(images.path));
  if (labelsPath === null)
    throw new DataError(
      `${images.path} has no labels beside it (${labelsNamesOf(images.path)[0]}), as other files of this dataset do; name them with ${optionInWords("labels")}, or leave all out with ${optionInWords("labels", false)}`,
    );
  const source = await openSource(labelsPath);
  const own = await headerOf(source);
  checkPair(images.path, layout, labelsPath, own.layout);
  yield* sideBySide([
    { rows: readRows(images, layout, place), rowBytes: layout.rowBytes },
    { rows: readRows(source, own.layout, place), rowBytes: rowBytesOf(rows) },
  ]);
}
