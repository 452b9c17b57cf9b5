import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@tsmpi/protocol";
import { whyUnreadable } from "./framed-image";

const IMAGE = /\.(png|jpe?g)$/i;
const HIDDEN = /^[._]/;

/** What lies in a folder of images: `cat/x.png`, `dog/y.jpg`. */
export interface ImageFolder {
  /** Names of the folders in it, sorted, also of empty ones; a class's label is its place here. */
  readonly classes: readonly string[];
  /** Class by class, sorted: paths within the folder, with slashes. */
  readonly paths: readonly string[];
}

const byCodeUnits = (a: string, b: string): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** Whether it has folders with images in them. */
export async function isImageFolder(folder: string): Promise<boolean> {
  for (const name of (await foldersIn(folder)).classes)
    if ((await imagesIn(join(folder, name))).length > 0) return true;
  return false;
}

interface Listed {
  /** When each folder was last changed. */
  readonly stamp: string;
  readonly content: ImageFolder;
}

// Each part of an epoch asks; a million names take seconds to list.
const listed = new Map<string, Listed>();

/** @throws {DataError} there are no folders with images in it, or one may be missing */
export async function imageFolder(folder: string): Promise<ImageFolder> {
  const { classes, lost } = await foldersIn(folder);
  for (const [name, cause] of lost) {
    // If it was a class, those behind it have other labels without it.
    const path = join(folder, name);
    const why = await whyUnreadable(path, cause);
    throw new DataError(`${path} cannot be read: ${why}`, { cause });
  }
  const stamps = await Promise.all(
    classes.map(async (name) => (await stat(join(folder, name))).mtimeMs),
  );
  const stamp = [...classes, ...stamps].join("/");
  const before = listed.get(folder);
  if (before?.stamp === stamp) return before.content;
  const paths: string[] = [];
  for (const name of classes) {
    const images = await imagesIn(join(folder, name));
    for (const image of images) paths.push(`${name}/${image}`);
  }
  if (paths.length === 0)
    throw new DataError(
      `${folder} has no images by class; they should lie in a folder for each class: ${join(folder, "cat", "1.png")}`,
    );
  const content = { classes, paths };
  listed.set(folder, { stamp, content });
  return content;
}

/** `lost`: links that lead nowhere. */
async function foldersIn(folder: string): Promise<{
  readonly classes: readonly string[];
  readonly lost: readonly (readonly [name: string, cause: Error])[];
}> {
  const classes: string[] = [];
  const lost: [string, Error][] = [];
  for (const entry of await entriesOf(folder))
    if (entry.isDirectory()) classes.push(entry.name);
    else if (entry.isSymbolicLink())
      await stat(join(folder, entry.name)).then(
        (target) => target.isDirectory() && classes.push(entry.name),
        (cause: Error) => lost.push([entry.name, cause]),
      );
  return { classes: classes.sort(byCodeUnits), lost };
}

const imagesIn = async (folder: string): Promise<string[]> =>
  (await entriesOf(folder))
    .filter((entry) => IMAGE.test(entry.name) && !entry.isDirectory())
    .map(({ name }) => name)
    .sort(byCodeUnits);

const entriesOf = async (folder: string) =>
  (
    await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
      throw new DataError(`${folder} cannot be read: ${cause.message}`, {
        cause,
      });
    })
  ).filter(({ name }) => !HIDDEN.test(name));
