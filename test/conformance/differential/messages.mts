import { MPI } from "tsmpi";
import { type Kind, KINDS } from "../arrays.mts";
import { equal } from "../check.mts";
import type { Comm } from "../suite.mts";
import { method } from "../support/forms.mts";
import { range, repeat } from "../support/loops.mts";
import { type Dice, noise } from "./dice.mts";
import { BLANK, type Laid, lay } from "./laid.mts";
import {
  type AnyRequest,
  type Pending,
  type Player,
  settle,
} from "./player.mts";
import { valueOf } from "./values.mts";

/** A message between two ranks of a communicator. */
interface Message {
  readonly from: number;
  readonly to: number;
  readonly tag: number;
  readonly seed: number;
  /** null for a value. */
  readonly buffer: { readonly kind: Kind; readonly count: number } | null;
  /** By which call: "isend", "Ssend" … */
  readonly send: string;
}

/** How the ranks receive: each message by its source and tag, or with wildcards. */
const RECEIVERS = ["exact", "any tag", "any source", "any", "probe"] as const;

/** Messages of one step. Tags are its own, so that a wildcard for sources cannot take those of another. */
export interface Messages {
  readonly text: string;
  readonly run: (player: Player, comm: Comm) => Promise<void>;
}

export function anyMessages(
  dice: Dice,
  size: number,
  firstTag: number,
): Messages {
  const receiver = dice.pick(RECEIVERS);
  // Who takes what comes does not know whether it is a buffer.
  const isByName = receiver === "exact" || receiver === "any tag";
  const receivesFirst = isByName && dice.chance(0.5);
  const messages = range(1 + dice.below(6)).map((): Message => {
    const buffer =
      isByName && dice.chance(0.5)
        ? {
            kind: dice.pick(KINDS),
            count: dice.pick([0, 1, 9, 300, dice.chance(0.1) ? 60_000 : 30]),
          }
        : null;
    const names = receivesFirst
      ? ["isend", "issend", "send", "ssend"]
      : ["isend", "issend"];
    const name = dice.pick(names);
    return {
      from: dice.below(size),
      to: dice.below(size),
      tag: firstTag + dice.below(2),
      seed: dice.seed(),
      buffer,
      send: buffer ? name[0]!.toUpperCase() + name.slice(1) : name,
    };
  });
  const list = messages.map(
    ({ from, to, tag, buffer, send }) =>
      `${from}→${to} ${send} tag ${tag}${buffer ? ` ${buffer.kind.name} × ${buffer.count}` : ""}`,
  );
  const order = dice.seed();
  return {
    text: `messages (${list.join("; ")}), received by ${receiver}${receivesFirst ? ", receives first" : ""}`,
    async run(player, comm) {
      const { rank } = comm;
      const outgoing = messages.filter(({ from }) => from === rank);
      const incoming = messages.filter(({ to }) => to === rank);
      const send = () => {
        for (const message of outgoing)
          player.pending.push(...sent(comm, message));
      };
      const sources = new Set(incoming.map(({ from }) => from));
      if (!receivesFirst) send();
      switch (receiver) {
        case "exact":
          // In any order of sources and tags; those of one source and tag come in the order of sending.
          for (const message of ordered(incoming, order))
            player.pending.push(received(comm, message, message.tag));
          break;
        case "any tag":
          for (const message of ordered(incoming, order, "source"))
            player.pending.push(received(comm, message, MPI.ANY_TAG));
          break;
        case "any source":
          for (const tag of [firstTag, firstTag + 1])
            takeAny(
              comm,
              incoming.filter((message) => message.tag === tag),
              tag,
            );
          break;
        case "any":
          takeAny(comm, incoming, MPI.ANY_TAG);
          break;
        case "probe":
          for (const source of sources) {
            const own = incoming.filter(({ from }) => from === source);
            for (const message of own) probed(comm, message);
          }
      }
      if (receivesFirst) send();
      // Nobody's next messages may come before all have what they took from anybody.
      if (receiver === "any") {
        await settle(player);
        comm.barrier();
      }
    },
  };
}

/** Shuffled, with those that must keep their order in it. */
function ordered(
  messages: readonly Message[],
  seed: number,
  keeps: "source" | "source and tag" = "source and tag",
): Message[] {
  const lane = ({ from, tag }: Message) =>
    keeps === "source" ? noise(seed, from) : noise(seed, from, tag);
  return [...messages].sort((a, b) => lane(a) - lane(b));
}

function sent(comm: Comm, message: Message): Pending[] {
  const { from, to, tag, seed, buffer, send } = message;
  const numbers = buffer ? numbersOf(seed, buffer.count) : [];
  const laid = buffer ? lay(buffer.kind, numbers, noise(seed, from)) : null;
  const payload = laid ? laid.message : valueOf(seed, from);
  const result = method(comm, send)(payload, to, tag);
  const check = (value: unknown) => {
    if (!laid) equal(value, null);
    laid?.holds(numbers, "the buffer that was sent");
  };
  if (!send.toLowerCase().startsWith("i")) {
    laid?.holds(numbers, "the buffer that was sent");
    return [];
  }
  const request = result as AnyRequest;
  return [{ text: `${send} to ${to}`, request, check }];
}

function received(comm: Comm, message: Message, tag: number): Pending {
  const { from, to, seed, buffer } = message;
  const text = `receive from ${from} under ${message.tag}`;
  if (!buffer) {
    const request = comm.irecv<unknown>(from, tag);
    return {
      text,
      request,
      check: (value) => equal(value, valueOf(seed, from)),
    };
  }
  const { kind, count } = buffer;
  const laid: Laid = lay(kind, repeat(BLANK, count), noise(seed, to, 7));
  const request = comm.Irecv(laid.message as never, from, tag) as AnyRequest;
  return {
    text,
    request,
    check: () => laid.holds(numbersOf(seed, count), "the buffer received"),
  };
}

/** As many as were sent, from whomever; those of one source and tag in the order of sending. */
function takeAny(comm: Comm, messages: readonly Message[], tag: number): void {
  const expected = [...messages];
  const status = new MPI.Status();
  while (expected.length > 0) {
    const value = comm.recv(MPI.ANY_SOURCE, tag, status);
    const [source, sentTag] = [status.Get_source(), status.Get_tag()];
    const at = expected.findIndex(
      (message) => message.from === source && message.tag === sentTag,
    );
    const [message] = expected.splice(at, at < 0 ? 0 : 1);
    if (!message)
      throw new Error(`a message from ${source} under ${sentTag} too many`);
    equal(value, valueOf(message.seed, source), `from ${source}`);
  }
}

function probed(comm: Comm, { from, tag, seed }: Message): void {
  const status = new MPI.Status();
  if (seed % 2 === 0) {
    comm.probe(from, tag, status);
    equal([status.Get_source(), status.Get_tag()], [from, tag]);
    equal(comm.recv(from, tag), valueOf(seed, from));
  } else {
    const message = comm.mprobe(from, tag, status);
    equal([status.Get_source(), status.Get_tag()], [from, tag]);
    equal(message.recv(), valueOf(seed, from));
  }
}

const numbersOf = (seed: number, count: number): number[] =>
  range(count).map((index) => noise(seed, index) % 100);
