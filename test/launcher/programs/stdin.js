// Prints how many bytes it reads from stdin.
let bytes = 0;
process.stdin.on("data", (chunk) => (bytes += chunk.length));
process.stdin.on("end", () =>
  console.log(`rank ${process.env.RANK} read ${bytes}`),
);
