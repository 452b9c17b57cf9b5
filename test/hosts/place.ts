import type { Network } from "../support/network-hosts";

export const MASTER_PORT = 29_500;

/** Ranks by host, in the order of `perHost`: what `runByHand` takes. */
export function placeOn({ hosts }: Network, perHost: readonly number[]) {
  const hostOf = perHost.flatMap((ranks, host) =>
    Array.from({ length: ranks }, () => host),
  );
  return {
    size: hostOf.length,
    commandOf: (rank: number) => hosts[hostOf[rank]!]!.command,
    env: {
      MASTER_ADDR: hosts[0]!.address,
      MASTER_PORT: String(MASTER_PORT),
    },
    envOf: Object.fromEntries(
      hostOf.map((host, rank): [number, Record<string, string>] => [
        rank,
        {
          LOCAL_RANK: String(rank - hostOf.indexOf(host)),
          LOCAL_WORLD_SIZE: String(perHost[host]),
        },
      ]),
    ),
  };
}
