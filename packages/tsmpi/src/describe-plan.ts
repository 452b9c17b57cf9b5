import { count, type Plan, type RankPlan } from "./plan";

/** The plan for people, host by host: `--display-map`, and with the environment for `--dry-run`. */
export function describePlan(
  { hosts, ranks }: Plan,
  { withEnvironment }: { readonly withEnvironment: boolean },
): string {
  const used = hosts.flatMap(({ name, cores, slots }, index) => {
    const here = ranks.filter(({ host }) => host === index);
    return here.length === 0 ? [] : [{ name, cores, slots, here }];
  });
  const lines = used.length > 1 ? [onHosts(ranks.length, used.length)] : [];
  for (const { name, cores, slots, here } of used) {
    const hasCores = `${count(cores, "core")}${here.length > cores ? ", shared" : ""}`;
    lines.push(
      used.length > 1
        ? `host ${name}: ${count(here.length, "rank")} (${count(slots, "slot")}, ${hasCores})`
        : `${count(here.length, "rank")} on host ${name} (${hasCores})`,
      ...here.flatMap((rank) => describeRank(rank, withEnvironment)),
    );
  }
  return lines.join("\n") + "\n";
}

const onHosts = (ranks: number, hosts: number): string =>
  `${count(ranks, "rank")} on ${count(hosts, "host")}`;

const describeRank = (
  { rank, argv, cwd, added }: RankPlan,
  withEnvironment: boolean,
): string[] => [
  `rank ${rank}: ${argv.map(quote).join(" ")}`,
  ...(withEnvironment
    ? [
        `  in ${cwd}`,
        ...Object.entries(added).map(
          ([name, value]) =>
            `  ${name}=${name === "TSMPI_JOB_KEY" ? "(secret)" : quote(value)}`,
        ),
      ]
    : []),
];

/** As a shell would need it. */
const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
