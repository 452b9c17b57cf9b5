import { TsmpiError } from "@tsmpi/protocol";

/** The command line asks for something that cannot be: one line that names the mistake and the cure. Nothing was started. */
export class UsageError extends TsmpiError {
  override readonly code = "ERR_USAGE";
}
