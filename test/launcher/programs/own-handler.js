// Catches what nobody catches by itself.
process.on("uncaughtException", (error) => {
  console.log(`own handler: ${error.message}`);
  process.exit(5);
});
setTimeout(() => {
  throw new Error("mine");
}, 10);
