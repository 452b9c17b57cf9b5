import { CommunicatorError } from "@tsmpi/protocol";
import {
  entryOf,
  FIRST_SERIAL,
  numberOf,
  SERIALS,
  serialOf,
} from "../bridge/calls";

/** Room for a communicator in shared memory, by entries; 0: there is none. */
interface Room {
  reserve(): number;
  release(entry: number): void;
}

/** Numbers of the communicators that this rank leads, or may come to lead: of those that there ever were no two have the same. */
export class CommunicatorNumbers {
  readonly #room: () => Room | null;
  #nextSerial = FIRST_SERIAL;
  /** Of numbers that no communicator got. */
  readonly #unused: number[] = [];
  readonly #reserved = new Set<number>();

  constructor(room: () => Room | null) {
    this.#room = room;
  }

  /** @throws {CommunicatorError} there are no more */
  reserve(): number {
    if (this.#unused.length === 0 && this.#nextSerial === SERIALS)
      throw new CommunicatorError(
        `this rank has led ${SERIALS} communicators, and there are no more numbers; make them once, before a loop`,
      );
    const serial = this.#unused.pop() ?? this.#nextSerial++;
    const number = numberOf(serial, this.#room()?.reserve() ?? 0);
    this.#reserved.add(number);
    return number;
  }

  /** The communicator with this number is there. */
  claim(number: number): void {
    this.#reserved.delete(number);
  }

  /** Unless it is, it never will be, on any rank: to be called only by who knows. */
  release(number: number): void {
    if (!this.#reserved.delete(number)) return;
    this.#room()?.release(entryOf(number));
    this.#unused.push(serialOf(number));
  }
}
