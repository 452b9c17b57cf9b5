// `echo.js serve`: sends back every datagram. `echo.js HOST COUNT`: sends COUNT there; prints how long the quickest took there and back, in ms, and how many never are.
const { createSocket } = require("node:dgram");
const { setTimeout: sleep } = require("node:timers/promises");

const PORT = 5_000;
/** So many have room in a socket whose process is late. */
const AT_ONCE = 100;
const LATE_MS = 50;
const LAST_MS = 1_000;
const socket = createSocket("udp4");

async function main(host, count) {
  const firstMs = await firstTripMs(host);
  const tripsMs = [];
  socket.on("message", (text) =>
    tripsMs.push(performance.now() - Number(String(text))),
  );
  for (let sent = 0; sent < count; sent++) {
    if (sent % AT_ONCE === 0) await sleep(firstMs + LATE_MS);
    socket.send(String(performance.now()), PORT, host);
  }
  await sleep(LAST_MS);
  console.log(
    JSON.stringify({
      tripMs: Math.min(...tripsMs),
      lost: count - tripsMs.length,
    }),
  );
  socket.close();
}

/** Until the network knows who has an address, only few packets wait. */
async function firstTripMs(host) {
  const first = new Promise((resolve) =>
    socket.once("message", (text) =>
      resolve(performance.now() - Number(String(text))),
    ),
  );
  const ask = () => socket.send(String(performance.now()), PORT, host);
  const asking = setInterval(ask, 300);
  const ms = await first;
  clearInterval(asking);
  await sleep(LAST_MS);
  return ms;
}

const [host, count] = process.argv.slice(2);
if (host === "serve") {
  socket.on("message", (text, { port, address }) =>
    socket.send(text, port, address),
  );
  socket.bind(PORT, () => console.log("ready"));
} else void main(host, Number(count));
