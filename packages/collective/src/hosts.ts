/** Where the ranks of a communicator run, and what those of one host have besides messages. */
export interface Hosts {
  /** The ranks of each host in their order; hosts in the order of their first ranks. */
  readonly ranks: readonly (readonly number[])[];
  /** Null: ranks of one host send each other what they have. */
  readonly memory: HostMemory | null;
}

/** Memory that ranks of one host share; each writes only to its own, and reads what others show it. */
export interface HostMemory {
  /** Where in it these bytes lie, which are this rank's; null if they lie elsewhere. */
  placeOf(bytes: Uint8Array): number | null;
  /** What another rank has there. */
  at(place: number, bytes: number): Uint8Array;
  /**
   * How many calls have failed of the rank whose memory a place is in. As long as this stays what it was when the rank showed the
   * place, what is there is what it showed.
   */
  failuresAt(place: number): number;
  /** A call of this rank has failed: what it has shown may change from now on. */
  fail(): void;
}

/** Ranks by the host that each runs on, which has any name. */
export function ranksByHost(hosts: readonly string[]): number[][] {
  const byHost = new Map<string, number[]>();
  for (const [rank, host] of hosts.entries()) {
    const ranks = byHost.get(host);
    if (ranks) ranks.push(rank);
    else byHost.set(host, [rank]);
  }
  return [...byHost.values()];
}
