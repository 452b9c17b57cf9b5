/** No part of a data message is longer: collectives send 4 MiB at a time, messages of programs 256 KiB. */
export const MOST_DATA_BYTES = 8 << 20;

/** What a frame on the wire is longer than its part: 33 bytes with CURVE. */
const AROUND = 64;

/** Commands of a handshake, for a socket that is sent nothing else. */
const HANDSHAKE_BYTES = 4 << 10;

/** Messages have frames of up to 1 MiB, pieces of streams up to 2 MiB. */
const MOST_CONTROL_BYTES = 4 << 20;

/** A peer that connects and says nothing is hung up on. */
const HANDSHAKE_MS = 10_000;

/**
 * Options against what a stranger announces: a longer frame ends its connection before memory is taken for it. Libzmq looks at
 * the length of each frame as it comes, the handshake's too.
 */
const longest = (bytes: number) => ({
  maxMessageSize: bytes + AROUND,
  handshakeInterval: HANDSHAKE_MS,
});

/** Of a socket that takes data of other ranks. */
export const DATA_BOUNDS = longest(MOST_DATA_BYTES);

/** Of a socket that only sends. */
export const SEND_BOUNDS = longest(HANDSHAKE_BYTES);

/** Of both ends of a control connection. */
export const CONTROL_BOUNDS = longest(MOST_CONTROL_BYTES);

/** What a launcher and an agent send each other: output in pieces of what a pipe holds, and start orders with their environment. */
export const AGENT_BOUNDS = longest(16 << 20);
