// Attacks whatever listens: `attack.js SEED`, and on stdin a line of JSON for each change of the targets, [[address, port], …].
// Random, truncated, oversized and replayed bytes, connections held open, and ZeroMQ with wrong keys. Prints a count a line at its end.
const { connect } = require("node:net");
const { createInterface } = require("node:readline");
const { curveKeyPair, Dealer, Push } = require("zeromq");

let state = Number(process.argv[2]) >>> 0;
/** Marsaglia's xorshift32: below `n`. */
function random(n) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}
const bytes = (length) =>
  Buffer.from(Uint8Array.from({ length }, () => random(256)));

/** ZMTP 3.1: signature, version, mechanism, as-server, padding. */
function greeting(mechanism, isServer = 0) {
  const all = Buffer.alloc(64);
  all[0] = 0xff;
  all[9] = 0x7f;
  all[10] = 3;
  all[11] = random(2);
  all.write(mechanism, 12);
  all[32] = isServer;
  return all;
}
const mechanism = () =>
  ["CURVE", "PLAIN", "NULL", "GSSAPI", "\xff\xff"][random(5)];

/** A frame that announces more than there is: a long one has eight bytes of length. */
function oversized() {
  const head = Buffer.alloc(9);
  head[0] = [0x02, 0x03, 0x06][random(3)];
  head.writeBigUInt64BE(1n << BigInt(20 + random(43)), 1);
  return Buffer.concat([head, bytes(random(100_000))]);
}

/** What a client says first, and a made-up proof of a key. */
function hello() {
  const body = Buffer.concat([Buffer.from("\x05HELLO\x01\x00"), bytes(192)]);
  return Buffer.concat([Buffer.from([0x04, body.length]), body]);
}

const PLAYS = {
  random: () => bytes(random(65_536)),
  truncated: () => greeting(mechanism()).subarray(0, 1 + random(63)),
  garbled: () => Buffer.concat([greeting(mechanism()), bytes(random(4_096))]),
  oversized: () => Buffer.concat([greeting(mechanism()), oversized()]),
  replayed: () =>
    Buffer.concat([greeting("CURVE"), hello(), hello(), bytes(500)]),
  silent: () => Buffer.alloc(0),
};
const counts = {};
const held = new Set();
const MOST_HELD = 200;

function play(name, [host, port]) {
  counts[name] = (counts[name] ?? 0) + 1;
  const socket = connect({ host, port });
  held.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => held.delete(socket));
  socket.on("data", () => {});
  socket.on("connect", () => {
    socket.write(PLAYS[name]());
    // Some hang up, some stay until they are hung up on.
    if (random(2) === 0) socket.end();
  });
  if (held.size > MOST_HELD) [...held][random(held.size)].destroy();
}

function wrongKey([host, port]) {
  counts.wrongKey = (counts.wrongKey ?? 0) + 1;
  const { publicKey, secretKey } = curveKeyPair();
  const credentials = [
    {
      curveServerKey: curveKeyPair().publicKey,
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
    },
    { plainUsername: "rank-1", plainPassword: "guessed" },
    {},
  ][random(3)];
  const socket = new [Dealer, Push][random(2)]({
    ...credentials,
    linger: 0,
    reconnectInterval: -1,
  });
  socket.connect(`tcp://${host}:${port}`);
  socket.send([bytes(8), bytes(random(1_000))]).catch(() => {});
  setTimeout(() => socket.close(), 300);
}

let targets = [];
createInterface({ input: process.stdin })
  .on("line", (line) => (targets = JSON.parse(line)))
  .on("close", () => {
    console.log(JSON.stringify(counts));
    process.exit(0);
  });
setInterval(() => {
  for (const target of targets) {
    const names = Object.keys(PLAYS);
    play(names[random(names.length)], target);
    if (random(10) === 0) wrongKey(target);
  }
}, 20);
