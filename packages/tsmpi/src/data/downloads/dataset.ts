/** A well-known dataset, and where it is to be had. */
export interface PublicDataset {
  readonly name: string;
  /** One line for help. */
  readonly summary: string;
  /** A page that says more, and under which terms it may be used. */
  readonly about: string;
  /** Of all files, with a slash at the end. */
  readonly url: string;
  readonly files: readonly PublicFile[];
}

export interface PublicFile {
  /** Behind the dataset's URL, and in the folder it is fetched to. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** A tarball: the folder in it, which is unpacked beside it. */
  readonly unpacks?: string;
}
