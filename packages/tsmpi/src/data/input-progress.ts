import type { Catalogue, FileRecords } from "@tsmpi/data";
import type { Team } from "./team";

/** How far one of a team is with reading files, in their bytes. Of a compressed file it knows only when it is over. */
export class InputProgress {
  readonly #catalogue: Catalogue;
  readonly #team: Team;
  readonly #stage: string;
  readonly #total: number;
  #done = 0;

  constructor(catalogue: Catalogue, team: Team, stage: string) {
    this.#catalogue = catalogue;
    this.#team = team;
    this.#stage = stage;
    this.#total = catalogue.files.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#tell(0);
  }

  /** These have been read of a file that is read from its beginning. */
  read({ file, records: { offset, bytes } }: FileRecords): void {
    const { isSeekable, bytes: whole } = this.#catalogue.files[file]!;
    if (isSeekable) this.#tell(Math.min(offset + bytes.length, whole));
  }

  fileDone(file: number): void {
    this.#done += this.#catalogue.files[file]!.bytes;
    this.#tell(0);
  }

  #tell(ofFile: number): void {
    this.#team.progress({
      ...{ stage: this.#stage, unit: "bytes", total: this.#total },
      done: this.#done + ofFile,
    });
  }
}
