import { serveLauncher } from "./agent";
import { GREETING, StreamLink } from "./stream-link";

// The entry of an agent that ssh has started: the launcher is at the other end of stdin and stdout, and gone when they are.
process.stdout.write(GREETING);
void serveLauncher(new StreamLink(process.stdin, process.stdout), {
  peer: "the launcher",
  slots: null,
}).then(() => process.exit(0));
