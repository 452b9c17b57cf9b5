// `echo.js serve`: sends back every datagram. `echo.js HOST COUNT`: sends COUNT there; prints the median time until one is back, in ms, and how many never are.
const { createSocket } = require("node:dgram");
const { setTimeout: sleep } = require("node:timers/promises");

const PORT = 5_000;
const LAST_MS = 1_000;
const socket = createSocket("udp4");

async function main(host, count) {
  await reached(host);
  const tripsMs = [];
  socket.on("message", (text) =>
    tripsMs.push(performance.now() - Number(String(text))),
  );
  for (let sent = 0; sent < count; sent++) {
    // Few at a time: nobody's buffer runs over.
    if (sent % 20 === 0) await sleep(2);
    socket.send(String(performance.now()), PORT, host);
  }
  await sleep(LAST_MS);
  tripsMs.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      tripMs: tripsMs[tripsMs.length >> 1],
      lost: count - tripsMs.length,
    }),
  );
  socket.close();
}

/** Only few packets wait until the network knows who has an address. */
async function reached(host) {
  const first = new Promise((resolve) => socket.once("message", resolve));
  const asking = setInterval(() => socket.send("", PORT, host), 300);
  await first;
  clearInterval(asking);
  await sleep(LAST_MS);
}

const [host, count] = process.argv.slice(2);
if (host === "serve") {
  socket.on("message", (text, { port, address }) =>
    socket.send(text, port, address),
  );
  socket.bind(PORT, () => console.log("ready"));
} else void main(host, Number(count));
