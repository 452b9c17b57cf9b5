import { MPI } from "tsmpi";
import { equal, isFalse } from "../check.mts";
import type { Comm } from "../suite.mts";
import { method, nonBlocking } from "../support/forms.mts";
import { range } from "../support/loops.mts";
import { anyCollective } from "./collectives.mts";
import { type Dice, dice, noise } from "./dice.mts";
import { anyMessages } from "./messages.mts";
import { type AnyRequest, dawdle, type Player, settle } from "./player.mts";

/** One step of a sequence, the same on every rank. Those that are no members pass it by. */
export interface Step {
  readonly text: string;
  readonly run: (player: Player) => void | Promise<void>;
}

/** A communicator as the model knows it: world ranks, in the order of their ranks in it. */
type Members = readonly number[];

const MIN_STEPS = 5;
const MAX_STEPS = 14;

/** Each step has tags of its own. */
const TAGS = 2;

/** More would leave less for other steps. */
const MAX_COMMS = 5;

/** The steps of the sequence with this seed, over `size` ranks. */
export function sequence(seed: number, size: number): Step[] {
  const thrown = dice(seed);
  const comms: (Members | null)[] = [range(size)];
  const count = MIN_STEPS + thrown.below(MAX_STEPS - MIN_STEPS + 1);
  return range(count).map((at) => {
    const kind = thrown.below(100);
    if (kind < 55) return collective(thrown, comms);
    if (kind < 75) return exchange(thrown, comms, TAGS * at);
    if (kind < 90) return change(thrown, comms);
    return { text: "complete what is under way", run: settle };
  });
}

/** Runs the first `length` steps on this rank, and sees that nothing is left behind. */
export async function play(
  steps: readonly Step[],
  world: Comm,
  seed: number,
): Promise<void> {
  const { rank } = world;
  const player: Player = {
    rank,
    comms: [world.Dup()],
    pending: [],
    dice: dice(noise(seed, rank, 1)),
  };
  for (const [at, step] of steps.entries())
    await named(`step ${at + 1}`, async () => {
      dawdle(player);
      await step.run(player);
    });
  await named("the end", async () => {
    await settle(player);
    for (const comm of player.comms.reverse()) {
      if (comm === null) continue;
      comm.barrier();
      isFalse(comm.iprobe(), "a message is left behind");
      comm.Free();
    }
  });
}

async function named(name: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** A communicator there is, and its place. */
function pick(
  thrown: Dice,
  comms: readonly (Members | null)[],
): [place: number, members: Members] {
  const place = thrown.pick(range(comms.length).filter((at) => comms[at]));
  return [place, comms[place]!];
}

function collective(thrown: Dice, comms: readonly (Members | null)[]): Step {
  const [place, members] = pick(thrown, comms);
  const { name, text, isOnBuffers, prepare } = anyCollective(
    thrown,
    members.length,
  );
  const way = thrown.pick(
    isOnBuffers
      ? (["blocking", "non-blocking", "persistent"] as const)
      : (["blocking", "non-blocking"] as const),
  );
  const described = `${way} ${name}(${text}) on #${place}`;
  return {
    text: described,
    run(player) {
      const comm = player.comms[place];
      if (!comm) return;
      const { values, check } = prepare(comm.rank);
      switch (way) {
        case "blocking":
          check(method(comm, name)(...values));
          return;
        case "non-blocking": {
          const request = method(comm, nonBlocking(name))(...values);
          player.pending.push({
            text: described,
            request: request as AnyRequest,
            check,
          });
          return;
        }
        case "persistent": {
          const request = method(
            comm,
            `${name}_init`,
          )(...values) as InstanceType<typeof MPI.Prequest>;
          request.Start();
          request.Wait();
          isFalse(request.isNull, "a persistent request is done for good");
          request.Free();
          check(null);
        }
      }
    },
  };
}

function exchange(
  thrown: Dice,
  comms: readonly (Members | null)[],
  firstTag: number,
): Step {
  const [place, members] = pick(thrown, comms);
  const { text, run } = anyMessages(thrown, members.length, firstTag);
  return {
    text: `${text} on #${place}`,
    run: (player) => {
      const comm = player.comms[place];
      return comm ? run(player, comm) : undefined;
    },
  };
}

/** Makes a communicator out of another, or frees one. */
function change(thrown: Dice, comms: (Members | null)[]): Step {
  const there = comms.filter((members) => members !== null).length;
  const [place, members] = pick(thrown, comms);
  if (there >= MAX_COMMS || (place > 0 && thrown.chance(0.3)))
    return place > 0 ? free(comms, place) : barrier(place);
  switch (thrown.below(4)) {
    case 0:
      return make(comms, [members], `Dup of #${place}`, place, (comm) =>
        comm.Dup(),
      );
    case 1: {
      const chosen = thrown
        .shuffled(range(members.length))
        .slice(0, 1 + thrown.below(members.length));
      return make(
        comms,
        [chosen.map((rank) => members[rank]!)],
        `Create of ranks ${chosen.join(" ")} of #${place}`,
        place,
        (comm) => {
          const all = comm.Get_group();
          const group = all.Incl(chosen);
          const made = comm.Create(group);
          group.Free();
          all.Free();
          return made;
        },
      );
    }
    default: {
      const colors = members.map(() => thrown.below(3) - 1);
      const keys = members.map(() => thrown.below(4) - 2);
      const parts = [0, 1].map((color) =>
        range(members.length)
          .filter((rank) => colors[rank] === color)
          .sort((a, b) => keys[a]! - keys[b]! || a - b)
          .map((rank) => members[rank]!),
      );
      return make(
        comms,
        parts.filter((part) => part.length > 0),
        `Split of #${place} by ${colors.join(" ")}, keys ${keys.join(" ")}`,
        place,
        (comm) => {
          const color = colors[comm.rank]!;
          return comm.Split(color < 0 ? MPI.UNDEFINED : color, keys[comm.rank]);
        },
      );
    }
  }
}

/** A step that makes communicators of these members out of one there is; each rank is in one of them, or in none. */
function make(
  comms: (Members | null)[],
  parts: readonly Members[],
  text: string,
  place: number,
  call: (comm: Comm) => Comm,
): Step {
  const first = comms.length;
  comms.push(...parts);
  return {
    text: `${text}: ${parts.map((part, at) => `#${first + at} = ${part.join(" ")}`).join(", ")}`,
    run(player) {
      const comm = player.comms[place];
      const made = comm ? call(comm) : null;
      for (const [at, part] of parts.entries()) {
        const isMember = part.includes(player.rank);
        player.comms[first + at] = isMember ? made : null;
        if (isMember)
          equal(
            [made!.rank, made!.size],
            [part.indexOf(player.rank), part.length],
          );
      }
      const isAnywhere = parts.some((part) => part.includes(player.rank));
      if (made && !isAnywhere) equal(made.isNull, true);
    },
  };
}

function free(comms: (Members | null)[], place: number): Step {
  comms[place] = null;
  return {
    text: `Free of #${place}`,
    async run(player) {
      const comm = player.comms[place];
      if (!comm) return;
      await settle(player);
      comm.Free();
      equal(comm.isNull, true);
      player.comms[place] = null;
    },
  };
}

const barrier = (place: number): Step => ({
  text: `barrier on #${place}`,
  run: (player) => player.comms[place]?.barrier(),
});
