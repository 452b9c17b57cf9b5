import type { TypedArray } from "@tsmpi/protocol";
import type { Intracomm } from "@tsmpi/worker";
import type { Measured, Place } from "./benchmark";
import {
  BLOCKS_OF_ALL,
  BLOCKS_OF_ROOT,
  input,
  output,
  present,
  ranksOf,
} from "./blocks";

/** A call's argument, made of a buffer. */
type ArgumentOf<Argument> = (buffer: TypedArray, place: Place) => Argument;

/** What blocks a collective moves, whichever of its calls makes it; rank 0 is the root. */
type Moves<AtRoot extends "source" | "target" | null> = <Source, Target>(
  sourceOf: ArgumentOf<Source>,
  targetOf: ArgumentOf<Target>,
  call: (
    comm: Intracomm,
    source: Source | (AtRoot extends "source" ? null : never),
    target: Target | (AtRoot extends "target" ? null : never),
  ) => void,
) => Pick<Measured, "sizes" | "prepare">;

/** A block of each rank, all at rank 0. */
export const gathering: Moves<"target"> = (sourceOf, targetOf, call) => ({
  sizes: BLOCKS_OF_ROOT,
  prepare(place) {
    const sent = input(place, [place.rank]);
    const received = place.rank === 0 ? output(place, ranksOf(place)) : null;
    const source = sourceOf(sent.buffer, place);
    const target = received && targetOf(received.buffer, place);
    return {
      buffers: present([sent, received]),
      run: (comm) => call(comm, source, target),
    };
  },
});

/** A block of rank 0's for each rank. */
export const scattering: Moves<"source"> = (sourceOf, targetOf, call) => ({
  sizes: BLOCKS_OF_ROOT,
  prepare(place) {
    const sent = place.rank === 0 ? input(place, ranksOf(place)) : null;
    const received = output(place, [place.rank]);
    const source = sent && sourceOf(sent.buffer, place);
    const target = targetOf(received.buffer, place);
    return {
      buffers: present([sent, received]),
      run: (comm) => call(comm, source, target),
    };
  },
});

/** A block of each rank, all on every rank. */
export const allgathering: Moves<null> = (sourceOf, targetOf, call) => ({
  sizes: BLOCKS_OF_ALL,
  prepare(place) {
    const sent = input(place, [place.rank]);
    const received = output(place, ranksOf(place));
    const source = sourceOf(sent.buffer, place);
    const target = targetOf(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => call(comm, source, target),
    };
  },
});

/** A block of each rank for each rank. */
export const alltoalling: Moves<null> = (sourceOf, targetOf, call) => ({
  sizes: BLOCKS_OF_ALL,
  prepare(place) {
    const { rank, size } = place;
    const ranks = ranksOf(place);
    const sent = input(
      place,
      ranks.map((dest) => rank * size + dest),
    );
    const received = output(
      place,
      ranks.map((source) => source * size + rank),
    );
    const source = sourceOf(sent.buffer, place);
    const target = targetOf(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => call(comm, source, target),
    };
  },
});
