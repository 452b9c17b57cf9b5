// Tells the launcher what a training run would.
const { writeSync } = require("node:fs");
const tell = (message) => writeSync(3, JSON.stringify(message) + "\n");
tell({ type: "engine", name: "wasm", device: "cpu", version: "1.2.3" });
if (process.env.RANK === "0")
  tell({
    type: "training",
    samples: 300,
    seconds: 2,
    communicationSeconds: 0.5,
  });
