import { random } from "../random";
import { Switch } from "./switch";
import { openTap, Poll, readFrame, writeFrame } from "./tap";

/** The networks of `openNetwork`, each a switch whose cables are long: for kernels without netem. */
export interface LongLine {
  /** Of each network: its interface of each host. */
  readonly networks: readonly (readonly {
    readonly namespace: string;
    readonly device: string;
  }[])[];
  /** Between sending and arriving. */
  readonly delayMs: number;
  /** Of all frames. Which ones are lost follows from their number alone. */
  readonly lossPercent: number;
}

/** With an MTU of 1,500 and a header. */
const FRAME_BYTES = 2_048;
/** What is on its way, 64 MiB; more than that is lost, as with any switch. */
const FRAMES = 32_768;
/** Taken from one interface before the others have their turn. */
const BURST = 64;
const SEED = 1;

const { networks, delayMs, lossPercent } = JSON.parse(
  process.argv[2]!,
) as LongLine;
const ports = networks.flatMap((hosts, network) =>
  hosts.map(({ namespace, device }, port) => ({
    ...{ network, port, tap: openTap(namespace, device) },
  })),
);
const taps = networks.map((_, network) =>
  ports.filter((port) => port.network === network).map(({ tap }) => tap),
);
const switches = networks.map((hosts) => new Switch(hosts.length));
const chance = random(SEED);

// A ring: all are as long on their way, so that they arrive in the order in which they came.
const memory = Buffer.allocUnsafe(FRAMES * FRAME_BYTES);
const slots = Array.from({ length: FRAMES }, (_, i) =>
  memory.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES),
);
const lengths = new Uint16Array(FRAMES);
const dueMs = new Float64Array(FRAMES);
const origins = new Uint16Array(FRAMES);
let taken = 0;
let given = 0;

/** Our stdin ends with whoever has started us. */
const PARENT = ports.length;
const poll = new Poll([...ports.map(({ tap }) => tap.fd), 0]);

for (;;) {
  const untilMs =
    taken === given ? -1 : dueMs[given % FRAMES]! - performance.now();
  const ready = poll.wait(taken === given ? -1 : Math.max(0, untilMs + 0.5));
  if (ready.includes(PARENT)) process.exit(0);
  for (const index of ready) take(index);
  const nowMs = performance.now();
  while (given < taken && dueMs[given % FRAMES]! <= nowMs) give();
}

function take(index: number): void {
  const { tap } = ports[index]!;
  for (let i = 0; i < BURST && taken - given < FRAMES; i++) {
    const slot = taken % FRAMES;
    const bytes = readFrame(tap, slots[slot]!);
    if (bytes === 0) return;
    if (chance() * 100 < lossPercent) continue;
    lengths[slot] = bytes;
    origins[slot] = index;
    dueMs[slot] = performance.now() + delayMs;
    taken++;
  }
}

function give(): void {
  const slot = given++ % FRAMES;
  const { network, port } = ports[origins[slot]!]!;
  const frame = slots[slot]!.subarray(0, lengths[slot]);
  for (const target of switches[network]!.targets(frame, port))
    writeFrame(taps[network]![target]!, frame);
}
